package dev.sandpool.server.logs;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Which times are where in a segment, one entry for some {@link #STEP} bytes: a query reads only
 * the stretches that can hold what it asks for.
 */
final class SegmentIndex {
  /** Of a segment that one entry tells of. */
  static final int STEP = 64 << 10;

  private static final int ENTRY = 4 + 4 + 8 + 8;

  private final List<Stretch> stretches = new ArrayList<>();
  private long first = Long.MAX_VALUE;
  private long last = Long.MIN_VALUE;

  /** Some blocks in a row. */
  record Stretch(int offset, int length, long first, long last) {
    boolean overlaps(long from, long to) {
      return first <= to && last >= from;
    }
  }

  /** Adds the block that follows. */
  void add(int offset, int length, long blockFirst, long blockLast) {
    first = Math.min(first, blockFirst);
    last = Math.max(last, blockLast);
    Stretch open = stretches.isEmpty() ? null : stretches.getLast();
    if (open == null || open.length >= STEP) {
      stretches.add(new Stretch(offset, length, blockFirst, blockLast));
    } else {
      stretches.set(
          stretches.size() - 1,
          new Stretch(
              open.offset,
              open.length + length,
              Math.min(open.first, blockFirst),
              Math.max(open.last, blockLast)));
    }
  }

  long first() {
    return first;
  }

  long last() {
    return last;
  }

  /** Those that can hold rows of that time, both ends included. */
  List<Stretch> overlapping(long from, long to) {
    return stretches.stream().filter(it -> it.overlaps(from, to)).toList();
  }

  ByteBuffer encode() {
    ByteBuffer to = ByteBuffer.allocate(stretches.size() * ENTRY);
    for (Stretch it : stretches) {
      to.putInt(it.offset).putInt(it.length).putLong(it.first).putLong(it.last);
    }
    return to.flip();
  }

  static SegmentIndex decode(ByteBuffer from) {
    var index = new SegmentIndex();
    while (from.remaining() >= ENTRY) {
      var it = new Stretch(from.getInt(), from.getInt(), from.getLong(), from.getLong());
      index.stretches.add(it);
      index.first = Math.min(index.first, it.first);
      index.last = Math.max(index.last, it.last);
    }
    return index;
  }
}
