package dev.sandpool.server.export;

import dev.sandpool.server.logs.LogBlock;
import java.util.HashMap;
import java.util.Map;

/**
 * The times of a block's rows in nanoseconds. Rows of the same microsecond follow each other by one
 * nanosecond: receivers that order rows by time keep their order, and those that take two equal
 * rows of the same time for one keep both. A block's rows have the same times whenever it is sent.
 */
final class LogNanos {
  private static final int A_MICROSECOND = 1000;

  private LogNanos() {}

  static long[] of(LogBlock block) {
    long[] nanos = new long[block.rows().size()];
    Map<Long, Integer> before = new HashMap<>();
    for (int i = 0; i < nanos.length; i++) {
      long micros = block.rows().get(i).micros();
      int rank = before.merge(micros, 1, Integer::sum) - 1;
      nanos[i] = micros * A_MICROSECOND + Math.min(rank, A_MICROSECOND - 1);
    }
    return nanos;
  }
}
