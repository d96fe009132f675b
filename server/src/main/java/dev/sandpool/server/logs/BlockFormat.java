package dev.sandpool.server.logs;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsolePosition;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Blocks as bytes: length and CRC-32C of what follows; first and last time; how many rows; origin;
 * position; and the rows, each with time, operation, length and text. All numbers are big endian.
 */
final class BlockFormat {
  /** Length and checksum. */
  static final int FRAME = 8;

  private static final int FIXED = 8 + 8 + 4;
  private static final int ROW = 8 + 1 + 4;
  private static final int POSITION = 8 + 8 + 1;
  private static final byte NONE = 0;
  private static final byte READ = 1;
  private static final byte ENDED = 2;

  private BlockFormat() {}

  /** A frame's outer part. */
  record Frame(int length, long first, long last) {
    boolean overlaps(long from, long to) {
      return first <= to && last >= from;
    }
  }

  static ByteBuffer encode(LogBlock block) {
    byte[] pod = utf(block.origin().pod());
    byte[] revision = utf(block.origin().revision());
    byte[] session = utf(block.origin().session());
    int size = FIXED + 3 * 2 + pod.length + revision.length + session.length + 1;
    size += block.read() == null ? 0 : POSITION;
    for (LogRow row : block.rows()) {
      size += ROW + row.text().length;
    }
    ByteBuffer to = ByteBuffer.allocate(FRAME + size);
    to.position(FRAME);
    to.putLong(block.firstMicros()).putLong(block.lastMicros()).putInt(block.rows().size());
    put(to, pod);
    put(to, revision);
    put(to, session);
    ConsolePosition read = block.read();
    to.put(read == null ? NONE : block.ended() ? ENDED : READ);
    if (read != null) {
      to.putLong(read.generation()).putLong(read.offset()).put((byte) (read.done() ? 1 : 0));
    }
    for (LogRow row : block.rows()) {
      to.putLong(row.micros()).put((byte) row.operation().code());
      to.putInt(row.text().length).put(row.text());
    }
    to.putInt(0, size).putInt(4, checksum(to, FRAME, size));
    return to.flip();
  }

  private static void put(ByteBuffer to, byte[] text) {
    to.putShort((short) text.length).put(text);
  }

  /** What the frame at that place says; empty where there is no whole one. */
  static Optional<Frame> frame(ByteBuffer from, int at) {
    if (from.limit() - at < FRAME + FIXED) {
      return Optional.empty();
    }
    int length = from.getInt(at);
    return length < FIXED || length > from.limit() - at - FRAME
        ? Optional.empty()
        : Optional.of(
            new Frame(FRAME + length, from.getLong(at + FRAME), from.getLong(at + FRAME + 8)));
  }

  /** Whether the frame at that place is as it was written. */
  static boolean intact(ByteBuffer from, int at) {
    return frame(from, at)
        .filter(it -> from.getInt(at + 4) == checksum(from, at + FRAME, it.length() - FRAME))
        .isPresent();
  }

  private static int checksum(ByteBuffer of, int at, int length) {
    var crc = new CRC32C();
    crc.update(of.slice(at, length));
    return (int) crc.getValue();
  }

  /** The block of the frame at that place. */
  static LogBlock decode(ByteBuffer frames, int at) {
    ByteBuffer from = frames.duplicate().position(at + FRAME + 16);
    int count = from.getInt();
    var origin = new LogOrigin(text(from), text(from), text(from));
    byte kind = from.get();
    @Nullable ConsolePosition read =
        kind == NONE
            ? null
            : new ConsolePosition(
                new SandboxId(origin.pod()), from.getLong(), from.getLong(), from.get() != 0);
    List<LogRow> rows = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long micros = from.getLong();
      LogOperation operation = LogOperation.ofCode(from.get());
      byte[] text = new byte[from.getInt()];
      from.get(text);
      rows.add(new LogRow(micros, operation, text));
    }
    return new LogBlock(origin, rows, read, kind == ENDED);
  }

  private static String text(ByteBuffer from) {
    byte[] text = new byte[from.getShort()];
    from.get(text);
    return utf(text);
  }

  private static byte[] utf(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String utf(byte[] text) {
    return new String(text, StandardCharsets.UTF_8);
  }
}
