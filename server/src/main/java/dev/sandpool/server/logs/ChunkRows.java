package dev.sandpool.server.logs;

import dev.sandpool.server.engine.ConsoleChunk;
import dev.sandpool.server.engine.ConsolePosition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rows of a chunk of a console. A line of which the last pieces stand at the beginning of the
 * next generation is one row all the same: it is read to its end there, and the next look begins
 * behind it.
 *
 * @param after how far the console is read when the rows are stored
 * @param held whether an unfinished line is still to be read
 */
record ChunkRows(List<LogRow> rows, ConsolePosition after, boolean held) {
  /**
   * @param micros the time of a line that has none
   * @param impatient whether an unfinished line is taken as it is
   */
  static ChunkRows of(ConsoleChunk chunk, long micros, boolean impatient) {
    byte[] own = chunk.bytes();
    var result = ConsoleLines.parse(own, micros, impatient || chunk.ended());
    if (!chunk.complete() || !result.held()) {
      return at(chunk, result.rows(), result.consumed(), result.held());
    }
    ConsoleChunk.Next next = chunk.next();
    int rest = own.length - result.consumed();
    byte[] joined = Arrays.copyOfRange(own, result.consumed(), own.length + next.bytes().length);
    System.arraycopy(next.bytes(), 0, joined, rest, next.bytes().length);
    var further = ConsoleLines.parse(joined, micros, false);
    List<LogRow> rows = new ArrayList<>(result.rows());
    rows.addAll(further.rows());
    if (further.consumed() > rest) {
      int offset = further.consumed() - rest;
      var after = new ConsolePosition(chunk.sandbox(), next.generation(), offset, false);
      return new ChunkRows(rows, after, further.held());
    }
    boolean hopeless = next.generation() == 0 || next.bytes().length >= ConsoleChunk.Next.MOST;
    return hopeless
        ? of(chunk, micros, true)
        : at(chunk, rows, result.consumed() + further.consumed(), further.held());
  }

  private static ChunkRows at(ConsoleChunk chunk, List<LogRow> rows, int consumed, boolean held) {
    var after =
        new ConsolePosition(
            chunk.sandbox(),
            chunk.generation(),
            chunk.offset() + consumed,
            chunk.complete() && !held);
    return new ChunkRows(rows, after, held);
  }
}
