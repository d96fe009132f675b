package dev.sandpool.server.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Spans on their way from event loops, which never wait: what does not fit is dropped and counted.
 * They are put into words by who takes them.
 */
public final class SpanQueue {
  private final ConcurrentLinkedQueue<Supplier<Span>> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger length = new AtomicInteger();
  private final AtomicLong dropped = new AtomicLong();
  private final int most;

  /**
   * @param most spans that may wait
   */
  public SpanQueue(int most) {
    this.most = most;
  }

  /** Leaves one; from any thread, at once. */
  public void offer(Supplier<Span> span) {
    if (length.incrementAndGet() > most) {
      length.decrementAndGet();
      dropped.incrementAndGet();
    } else {
      waiting.add(span);
    }
  }

  /** Takes those that wait, at most so many. */
  public List<Span> take(int atMost) {
    List<Span> taken = new ArrayList<>();
    Supplier<Span> span = taken.size() < atMost ? waiting.poll() : null;
    while (span != null) {
      length.decrementAndGet();
      taken.add(span.get());
      span = taken.size() < atMost ? waiting.poll() : null;
    }
    return taken;
  }

  /** How many did not fit since this was asked last. */
  public long takeDropped() {
    return dropped.getAndSet(0);
  }
}
