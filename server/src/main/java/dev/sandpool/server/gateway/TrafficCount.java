package dev.sandpool.server.gateway;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What one event loop has forwarded to one sandbox and back. Only that loop writes, so adding is a
 * plain load and an opaque store: no lock, no fence and no contention; whoever reads sees each
 * number whole, and late by nothing that matters.
 */
final class TrafficCount {
  private static final int REQUESTS = 0;
  private static final int IN = 1;
  private static final int OUT = 2;

  private final AtomicLongArray counts = new AtomicLongArray(OUT + 1);

  /** What was noted last. The meter's own: no loop looks at it. */
  private long notedRequests;

  private long notedIn;
  private long notedOut;

  /** All three at one moment, to be noted together. */
  record Reading(TrafficCount count, long requests, long bytesIn, long bytesOut) {
    void noted() {
      count.notedRequests = requests;
      count.notedIn = bytesIn;
      count.notedOut = bytesOut;
    }
  }

  /** One more request has been sent to it. */
  void request() {
    add(REQUESTS, 1);
  }

  /** To the sandbox: bodies, and what upgraded connections say. */
  void in(int bytes) {
    add(IN, bytes);
  }

  /** From the sandbox. */
  void out(int bytes) {
    add(OUT, bytes);
  }

  private void add(int index, int more) {
    counts.setOpaque(index, counts.getPlain(index) + more);
  }

  /** Whether there is more than was noted last. */
  boolean isNew() {
    return counts.getOpaque(REQUESTS) != notedRequests
        || counts.getOpaque(IN) != notedIn
        || counts.getOpaque(OUT) != notedOut;
  }

  Reading read() {
    return new Reading(
        this, counts.getOpaque(REQUESTS), counts.getOpaque(IN), counts.getOpaque(OUT));
  }
}
