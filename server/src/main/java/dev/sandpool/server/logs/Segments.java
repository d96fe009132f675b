package dev.sandpool.server.logs;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The segments of a table, the oldest first, and which places are in them. Whoever has a table
 * locks it.
 */
final class Segments {
  private final Deque<Segment> all = new ArrayDeque<>();

  /** Size of the last one that was removed; negative where none was. */
  private long removedBytes = -1;

  /**
   * Where the reading goes on from a place.
   *
   * @param lost whether what followed the place has become too old meanwhile
   * @param full whether nothing will be added to the segment
   */
  record Place(Segment segment, LogCursor at, boolean lost, boolean full) {}

  boolean isEmpty() {
    return all.isEmpty();
  }

  int count() {
    return all.size();
  }

  Segment first() {
    return all.getFirst();
  }

  Segment last() {
    return all.getLast();
  }

  void add(Segment segment) {
    all.add(segment);
  }

  /** The last one has grown. */
  void replaceLast(Segment grown) {
    all.removeLast();
    all.add(grown);
  }

  /** The oldest is gone. */
  void removeFirst() {
    removedBytes = all.removeFirst().size();
  }

  boolean isLast(Segment segment) {
    return !all.isEmpty() && last().number() == segment.number();
  }

  /** Those that can hold rows of that time, both ends included. */
  List<Segment> overlapping(long from, long to) {
    return all.stream().filter(it -> it.overlaps(from, to)).toList();
  }

  /** The first that can hold a row of that time or later. */
  Optional<Segment> since(long micros) {
    return all.stream().filter(it -> it.last() >= micros).findFirst();
  }

  Segment numbered(long number) {
    return all.stream().filter(it -> it.number() == number).findFirst().orElseGet(all::getLast);
  }

  /** The place before the first block. */
  LogCursor begin() {
    return all.isEmpty() ? LogCursor.START : new LogCursor(first().number(), 0);
  }

  /** The place behind the last block. */
  LogCursor end() {
    return all.isEmpty() ? LogCursor.START : new LogCursor(last().number(), last().size());
  }

  /** Whether what followed a place was removed, if anything did. */
  boolean isPast(LogCursor cursor) {
    return !all.isEmpty() && cursor.segment() < first().number();
  }

  /** What a place has become; there has to be a segment. */
  Place place(LogCursor cursor) {
    LogCursor at = cursor;
    boolean lost = false;
    if (isPast(at)) {
      boolean read = at.segment() == first().number() - 1 && at.offset() == removedBytes;
      lost = !read && !at.equals(LogCursor.START);
      at = begin();
    } else if (at.segment() > last().number()) {
      // All was removed meanwhile, and begun anew.
      at = begin();
    }
    Segment segment = numbered(at.segment());
    while (at.offset() >= segment.size() && !isLast(segment)) {
      at = new LogCursor(segment.number() + 1, 0);
      segment = numbered(at.segment());
    }
    return new Place(segment, at, lost, !isLast(segment));
  }

  long bytes() {
    return all.stream().mapToLong(Segment::size).sum();
  }

  /** Bytes behind a place. */
  long behind(LogCursor cursor) {
    long behind = 0;
    for (Segment it : all) {
      if (it.number() > cursor.segment()) {
        behind += it.size();
      } else if (it.number() == cursor.segment()) {
        behind += Math.max(0, it.size() - cursor.offset());
      }
    }
    return behind;
  }

  /** The last time in the oldest; the end of time where there is none. */
  long oldest() {
    return all.isEmpty() ? Long.MAX_VALUE : first().last();
  }

  /** The last time of all rows; the beginning of time where there is none. */
  long newest() {
    return all.stream().mapToLong(Segment::last).max().orElse(Long.MIN_VALUE);
  }

  boolean holdRows() {
    return all.stream().anyMatch(it -> it.first() != Long.MAX_VALUE);
  }
}
