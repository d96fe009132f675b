package dev.sandpool.server.audit;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An audit in memory, whose disk may be full for as many records as it is told. */
public final class NotedAudit implements Audit {
  private final List<AuditEvent> events = new CopyOnWriteArrayList<>();
  private final AtomicInteger good = new AtomicInteger(Integer.MAX_VALUE);

  /** What was noted so far. */
  public List<AuditEvent> events() {
    return events;
  }

  /** After so many more records the disk is full. */
  public void fullAfter(int records) {
    good.set(records);
  }

  @Override
  public void record(AuditEvent event) {
    if (good.getAndDecrement() <= 0) {
      throw new AuditUnavailableException("No space left on device", new IllegalStateException());
    }
    events.add(event);
  }

  @Override
  public void attempt(AuditEvent event) {
    events.add(event);
  }

  @Override
  public void note(AuditEvent event) {
    events.add(event);
  }
}
