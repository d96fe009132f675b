package dev.sandpool.server.logs;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows from a console: lines {@code TIME STREAM F|P TEXT}, where P is a piece whose rest follows in
 * a later line of the same stream. A line longer than {@link #LONGEST} becomes several rows. A
 * carriage return at a line's end goes; all other bytes stay as they are.
 */
final class ConsoleLines {
  /** Of a row, in bytes: what Log Analytics keeps of a column. */
  static final int LONGEST = 32 << 10;

  private final byte[] bytes;
  private final List<Item> items = new ArrayList<>();
  private final @Nullable Pending[] pending = new Pending[2];
  private long micros;
  private byte[] second = new byte[0];
  private long secondMicros;

  private record Item(int start, int end, LogRow row) {}

  private record Pending(int start, long micros, ByteArrayOutputStream text) {}

  /**
   * What was read.
   *
   * @param consumed how many bytes that took; the rest is to be read again with what follows
   * @param held whether an unfinished line is among the rest
   */
  record Result(List<LogRow> rows, int consumed, boolean held) {}

  private ConsoleLines(byte[] bytes, long micros) {
    this.bytes = bytes;
    this.micros = micros;
  }

  /**
   * @param micros the time of a line that has none
   * @param all whether an unfinished line is taken as it is: nothing follows, or not soon
   */
  static Result parse(byte[] bytes, long micros, boolean all) {
    return new ConsoleLines(bytes, micros).parse(all);
  }

  private Result parse(boolean all) {
    int at = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        line(at, i);
        at = i + 1;
      }
    }
    boolean cut = at < bytes.length;
    if (all) {
      if (cut) {
        line(at, bytes.length);
        at = bytes.length;
      }
      flush(0, at);
      flush(1, at);
      return new Result(rows(items), at, false);
    }
    int hold = at;
    for (Pending it : pending) {
      hold = it == null ? hold : Math.min(hold, it.start);
    }
    return hold == at ? new Result(rows(items), at, cut) : holdBack(hold);
  }

  /** Leaves out what ends behind an unfinished line: it is read again together with that. */
  private Result holdBack(int from) {
    int hold = from;
    List<Item> kept = new ArrayList<>(items);
    boolean changed = true;
    while (changed) {
      int bound = hold;
      for (Item item : kept) {
        hold = item.end > bound ? Math.min(hold, item.start) : hold;
      }
      changed = hold < bound;
    }
    int bound = hold;
    kept.removeIf(item -> item.end > bound);
    return new Result(rows(kept), hold, true);
  }

  private static List<LogRow> rows(List<Item> items) {
    return items.stream().map(Item::row).toList();
  }

  private void line(int from, int to) {
    int time = space(from, to);
    int stream = space(time + 1, to);
    int text = stream + 3;
    boolean known = text <= to && stream + 1 < to && bytes[stream + 2] == ' ' && time(from, time);
    if (!known) {
      add(from, to, LogOperation.STDOUT, Arrays.copyOfRange(bytes, from, to));
      return;
    }
    int error = stream - time == 7 && bytes[time + 4] == 'e' ? 1 : 0;
    boolean piece = bytes[stream + 1] == 'P';
    Pending open = pending[error];
    if (open == null && !piece) {
      add(from, to, operation(error), trimmed(Arrays.copyOfRange(bytes, text, to)));
      return;
    }
    if (open == null) {
      open = new Pending(from, micros, new ByteArrayOutputStream());
      pending[error] = open;
    }
    open.text.write(bytes, text, to - text);
    if (!piece || open.text.size() >= LONGEST) {
      flush(error, Math.min(to + 1, bytes.length));
    }
  }

  private void flush(int error, int end) {
    Pending open = pending[error];
    if (open != null) {
      pending[error] = null;
      micros = open.micros;
      add(open.start, end - 1, operation(error), trimmed(open.text.toByteArray()));
    }
  }

  private void add(int from, int to, LogOperation operation, byte[] text) {
    int at = 0;
    do {
      int length = Math.min(LONGEST, text.length - at);
      byte[] part = length == text.length ? text : Arrays.copyOfRange(text, at, at + length);
      items.add(new Item(from, to + 1, new LogRow(micros, operation, part)));
      at += length;
    } while (at < text.length);
  }

  private static LogOperation operation(int error) {
    return error == 1 ? LogOperation.STDERR : LogOperation.STDOUT;
  }

  private static byte[] trimmed(byte[] text) {
    return text.length > 0 && text[text.length - 1] == '\r'
        ? Arrays.copyOf(text, text.length - 1)
        : text;
  }

  private int space(int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] == ' ') {
        return i;
      }
    }
    return to;
  }

  /** Reads a time such as 2026-11-22T00:00:00.123456789+00:00; parsing one a second is enough. */
  private boolean time(int from, int to) {
    if (to - from < 20 || bytes[from + 10] != 'T') {
      return false;
    }
    int zone = from + 19;
    long fraction = 0;
    int digits = 0;
    if (bytes[zone] == '.') {
      for (zone++; zone < to && bytes[zone] >= '0' && bytes[zone] <= '9'; zone++) {
        fraction = digits < 6 ? fraction * 10 + bytes[zone] - '0' : fraction;
        digits++;
      }
    }
    for (; digits < 6; digits++) {
      fraction *= 10;
    }
    if (!sameSecond(from, zone, to)) {
      try {
        String text =
            new String(bytes, from, 19, StandardCharsets.US_ASCII)
                + new String(bytes, zone, to - zone, StandardCharsets.US_ASCII);
        secondMicros = OffsetDateTime.parse(text).toEpochSecond() * 1_000_000;
      } catch (DateTimeException e) {
        return false;
      }
      second = Arrays.copyOfRange(bytes, from, to);
    }
    micros = secondMicros + fraction;
    return true;
  }

  private boolean sameSecond(int from, int zone, int to) {
    return second.length == to - from
        && Arrays.equals(second, 0, 19, bytes, from, from + 19)
        && Arrays.equals(second, zone - from, second.length, bytes, zone, to);
  }
}
