package dev.sandpool.server.time;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** Time that stands still until a test moves it. */
public final class VirtualTime implements Time {
  private static final Instant REFERENCE = Instant.parse("2026-01-01T00:00:00Z");

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong stepped = new AtomicLong();

  /** Moves both clocks. */
  public void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
  }

  /** Sets the wall clock alone, as an administrator does. */
  public void step(Duration by) {
    stepped.addAndGet(by.toNanos());
  }

  @Override
  public Instant now() {
    return REFERENCE.plusNanos(nanos.get() + stepped.get());
  }

  @Override
  public long nanos() {
    return nanos.get();
  }
}
