package dev.sandpool.server.logs;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsolePosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One table of one pool: a row of segments, of which the last is written to. Each begins with how
 * far every console of the pool had been read, so that a start reads only the last one.
 *
 * <p>One thread appends and retains; any number read meanwhile.
 */
final class TableLog {
  private static final Logger log = LoggerFactory.getLogger(TableLog.class);

  /** A segment is closed at this size. */
  static final int SEGMENT = 8 << 20;

  private final Path folder;
  private final int segmentBytes;
  private final Segments segments = new Segments();
  private final ReadPositions positions = new ReadPositions();
  private SegmentIndex index = new SegmentIndex();

  private TableLog(Path folder, int segmentBytes) {
    this.folder = folder;
    this.segmentBytes = segmentBytes;
  }

  static TableLog open(Path folder) throws IOException {
    return open(folder, SEGMENT);
  }

  static TableLog open(Path folder, int segmentBytes) throws IOException {
    Files.createDirectories(folder);
    var table = new TableLog(folder, segmentBytes);
    table.load();
    return table;
  }

  private void load() throws IOException {
    List<Long> numbers = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Segment.numberOf(file).ifPresent(numbers::add);
      }
    }
    numbers.sort(null);
    for (long number : numbers) {
      boolean last = number == numbers.getLast();
      Segment segment = Segment.at(folder, number);
      var sealed = segment.index();
      if (sealed.isPresent() && !last) {
        long size = Files.size(segment.file());
        segments.add(new Segment(folder, number, size, sealed.get().first(), sealed.get().last()));
      } else {
        segments.add(scan(segment, last));
      }
    }
  }

  /** Reads a segment whose end may be torn, and cuts off what is. */
  private Segment scan(Segment empty, boolean last) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(empty.file()));
    var scanned = new SegmentIndex();
    int at = 0;
    while (BlockFormat.intact(bytes, at)) {
      BlockFormat.Frame frame = BlockFormat.frame(bytes, at).orElseThrow();
      scanned.add(at, frame.length(), frame.first(), frame.last());
      if (last) {
        positions.remember(BlockFormat.decode(bytes, at));
      }
      at += frame.length();
    }
    var segment = new Segment(folder, empty.number(), at, scanned.first(), scanned.last());
    if (at < bytes.limit()) {
      segment.truncate();
    }
    if (last) {
      index = scanned;
    } else {
      segment.seal(scanned);
    }
    return segment;
  }

  /** How far each console has been read whose end has not been. */
  synchronized Map<SandboxId, ConsolePosition> positions() {
    return positions.all();
  }

  /**
   * Stores blocks: all of them, or what {@link #positions} says afterwards where it is cut off.
   *
   * @throws IOException if none was stored
   */
  synchronized void append(List<LogBlock> blocks) throws IOException {
    if (segments.isEmpty() || segments.last().size() >= segmentBytes) {
      LogBlock first = blocks.getFirst();
      roll(first.rows().isEmpty() ? 1 : Math.max(1, first.firstMicros()));
    }
    write(blocks);
    blocks.forEach(positions::remember);
  }

  private void write(List<LogBlock> blocks) throws IOException {
    List<ByteBuffer> encoded = blocks.stream().map(BlockFormat::encode).toList();
    ByteBuffer all = ByteBuffer.allocate(encoded.stream().mapToInt(ByteBuffer::remaining).sum());
    encoded.forEach(it -> all.put(it.duplicate()));
    Segment segment = segments.last();
    segment.write(all.flip());
    for (int i = 0; i < encoded.size(); i++) {
      LogBlock block = blocks.get(i);
      int length = encoded.get(i).remaining();
      index.add((int) segment.size(), length, block.firstMicros(), block.lastMicros());
      segment = segment.grown(length, block.firstMicros(), block.lastMicros());
    }
    segments.replaceLast(segment);
  }

  /**
   * Begins a segment.
   *
   * @param first number of the first one: a table that is removed and begun anew does not use again
   *     the places of those who still read it
   */
  private void roll(long first) throws IOException {
    long number = first;
    if (!segments.isEmpty()) {
      segments.last().seal(index);
      number = segments.last().number() + 1;
    }
    // Nothing else may be last before it says how far everything was read.
    Path fresh = folder.resolve("segment.tmp");
    Segment segment = Segment.at(folder, number);
    byte[] heads = positions.encode();
    Files.write(fresh, heads);
    Files.move(fresh, segment.file());
    index = new SegmentIndex();
    segments.add(segment.grown(heads.length, Long.MAX_VALUE, Long.MIN_VALUE));
    if (heads.length > 0) {
      index.add(0, heads.length, Long.MAX_VALUE, Long.MIN_VALUE);
    }
  }

  // --- reading ---------------------------------------------------------------------------------

  /** Takes blocks; false ends the reading. */
  interface Visitor<E extends Exception> {
    boolean visit(LogBlock block) throws E;
  }

  /**
   * Visits the blocks that hold rows of that time, both ends included, in the order in which they
   * were stored.
   */
  <E extends Exception> boolean scan(long from, long to, Visitor<E> visitor) throws E, IOException {
    for (Segment segment : overlapping(from, to)) {
      if (!scan(segment, from, to, visitor)) {
        return false;
      }
    }
    return true;
  }

  private synchronized List<Segment> overlapping(long from, long to) {
    return segments.overlapping(from, to);
  }

  private <E extends Exception> boolean scan(
      Segment segment, long from, long to, Visitor<E> visitor) throws E, IOException {
    try {
      for (SegmentIndex.Stretch stretch : stretches(segment, from, to)) {
        ByteBuffer bytes = segment.read(stretch.offset(), stretch.length());
        int at = 0;
        var frame = BlockFormat.frame(bytes, at);
        while (frame.isPresent()) {
          if (frame.get().overlaps(from, to)) {
            if (!BlockFormat.intact(bytes, at)) {
              log.warn("{}: rows are damaged and left out", segment.file());
            } else if (!visitor.visit(BlockFormat.decode(bytes, at))) {
              return false;
            }
          }
          at += frame.get().length();
          frame = BlockFormat.frame(bytes, at);
        }
      }
    } catch (NoSuchFileException e) {
      // It became too old meanwhile.
      return true;
    }
    return true;
  }

  private List<SegmentIndex.Stretch> stretches(Segment segment, long from, long to)
      throws IOException {
    synchronized (this) {
      if (segments.isLast(segment)) {
        return index.overlapping(from, to);
      }
    }
    return segment.index().map(it -> it.overlapping(from, to)).orElse(List.of());
  }

  /** A block and its place. */
  record Stored(LogBlock block, LogCursor at) {}

  /**
   * Blocks from a place on.
   *
   * @param next where to go on
   * @param lost whether what followed the place has become too old meanwhile, or is damaged
   */
  record Page(List<Stored> stored, LogCursor next, boolean lost) {
    List<LogBlock> blocks() {
      return stored.stream().map(Stored::block).toList();
    }
  }

  /** The place behind the last block. */
  synchronized LogCursor end() {
    return segments.end();
  }

  /** The place before the first block. */
  synchronized LogCursor begin() {
    return segments.begin();
  }

  /** The place before the first block that can hold a row of that time or later. */
  LogCursor since(long micros) throws IOException {
    Optional<Segment> segment;
    LogCursor end;
    synchronized (this) {
      end = end();
      segment = segments.since(micros);
    }
    return segment.isEmpty()
        ? end
        : stretches(segment.get(), micros, Long.MAX_VALUE).stream()
            .findFirst()
            .map(it -> new LogCursor(segment.get().number(), it.offset()))
            .orElse(end);
  }

  /** What follows a place, some {@link SegmentIndex#STEP} bytes or one block. */
  Page after(LogCursor cursor) throws IOException {
    Segments.Place place;
    synchronized (this) {
      if (segments.isEmpty()) {
        return new Page(List.of(), cursor, false);
      }
      place = segments.place(cursor);
    }
    try {
      Page page = page(place.segment(), place.at(), place.lost());
      boolean further = !page.next().equals(place.at());
      return page.stored().isEmpty() && (further || place.full())
          ? behindDamage(further ? page.next() : new LogCursor(place.at().segment() + 1, 0))
          : page;
    } catch (NoSuchFileException e) {
      return new Page(List.of(), place.at(), place.lost());
    }
  }

  /** Where no block can be read, and none ever will: what follows that. */
  private Page behindDamage(LogCursor end) throws IOException {
    Page next = after(end);
    return new Page(next.stored(), next.next(), true);
  }

  /** The blocks that follow, damaged ones passed over at the beginning and no further. */
  private static Page page(Segment segment, LogCursor at, boolean lost) throws IOException {
    int most = SegmentIndex.STEP;
    ByteBuffer bytes = segment.read(at.offset(), most);
    while (bytes.limit() == most && BlockFormat.frame(bytes, 0).isEmpty()) {
      most *= 4;
      bytes = segment.read(at.offset(), most);
    }
    List<Stored> blocks = new ArrayList<>();
    boolean damaged = false;
    int offset = 0;
    var frame = BlockFormat.frame(bytes, offset);
    while (frame.isPresent()) {
      if (BlockFormat.intact(bytes, offset)) {
        var place = new LogCursor(segment.number(), at.offset() + offset);
        blocks.add(new Stored(BlockFormat.decode(bytes, offset), place));
      } else if (blocks.isEmpty()) {
        damaged = true;
      } else {
        break;
      }
      offset += frame.get().length();
      frame = BlockFormat.frame(bytes, offset);
    }
    LogCursor next = new LogCursor(segment.number(), at.offset() + offset);
    return new Page(blocks, next, lost || damaged);
  }

  /** The place where a block begins: that one, or the beginning of its segment or of everything. */
  LogCursor settled(LogCursor cursor) throws IOException {
    Segment segment;
    synchronized (this) {
      if (segments.isEmpty() || cursor.segment() > segments.last().number()) {
        return segments.begin();
      }
      if (segments.isPast(cursor)) {
        return cursor;
      }
      segment = segments.numbered(cursor.segment());
    }
    if (cursor.offset() == segment.size()) {
      return cursor;
    }
    var beginning = new LogCursor(segment.number(), 0);
    if (cursor.offset() > segment.size()) {
      return beginning;
    }
    ByteBuffer bytes = segment.read(cursor.offset(), Math.toIntExact(segment.size()));
    return BlockFormat.intact(bytes, 0) ? cursor : beginning;
  }

  /** Whether what followed a place was removed, if anything did. */
  synchronized boolean isPast(LogCursor cursor) {
    return segments.isPast(cursor);
  }

  /** Bytes behind a place. */
  synchronized long behind(LogCursor cursor) {
    return segments.behind(cursor);
  }

  // --- retention -------------------------------------------------------------------------------

  synchronized long bytes() {
    return segments.bytes();
  }

  /** The last time in the oldest segment; the end of time where there is none. */
  synchronized long oldest() {
    return segments.oldest();
  }

  /** The last time of all rows; the beginning of time where there is none. */
  synchronized long newestMicros() {
    return segments.newest();
  }

  /**
   * Removes the oldest segments: those that end before a time, and as many as are too much.
   *
   * @return how many bytes went because they were too much
   */
  synchronized long retain(long from, long mostBytes) throws IOException {
    long cut = 0;
    while (!segments.isEmpty() && (segments.oldest() < from || segments.bytes() > mostBytes)) {
      Segment first = segments.first();
      if (segments.count() == 1) {
        if (first.first() == Long.MAX_VALUE) {
          return cut;
        }
        roll(0);
      }
      cut += first.last() < from ? 0 : first.size();
      first.remove();
      segments.removeFirst();
    }
    return cut;
  }

  /** Whether it holds no row. */
  synchronized boolean isEmpty() {
    return !segments.holdRows();
  }
}
