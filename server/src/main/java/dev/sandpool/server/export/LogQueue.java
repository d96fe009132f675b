package dev.sandpool.server.export;

import dev.sandpool.server.logs.LogCursor;
import dev.sandpool.server.logs.LogTap;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The rows that one receiver has not taken yet: what is stored behind its cursors. Nothing is
 * copied, so a receiver that is away costs no room, and retention alone bounds what waits.
 *
 * <p>Of one thread, except for {@link #behind}.
 */
final class LogQueue {
  private final LogTap tap;
  private final LogCursors file;
  private final Consumer<LogTap.Source> gaps;
  private final Map<LogTap.Source, LogCursor> delivered = new ConcurrentHashMap<>();
  private final Set<LogTap.Source> pending = new HashSet<>();
  private int turn;

  private LogQueue(LogTap tap, LogCursors file, Consumer<LogTap.Source> gaps) {
    this.tap = tap;
    this.file = file;
    this.gaps = gaps;
  }

  /**
   * Goes on where the file says; from the oldest stored row on where it says nothing.
   *
   * @param gaps told of each source of which rows became too old before they were handed on, or
   *     turned out to be damaged
   */
  static LogQueue open(LogTap tap, LogCursors file, Consumer<LogTap.Source> gaps)
      throws IOException {
    var queue = new LogQueue(tap, file, gaps);
    for (Map.Entry<LogTap.Source, LogCursor> it : file.read().entrySet()) {
      queue.delivered.put(it.getKey(), tap.settled(it.getKey(), it.getValue()));
    }
    return queue;
  }

  /**
   * The oldest rows of all sources, in turns, so that none that prints much holds up the others:
   * the same again until they are {@link #delivered}.
   *
   * @param mostBytes of text, which the last block may exceed
   */
  LogBatch next(int mostBytes) throws IOException {
    Map<LogTap.Source, LogCursor> ends = new LinkedHashMap<>();
    List<LogTap.Stored> blocks = new ArrayList<>();
    Deque<LogTap.Source> turns = new ArrayDeque<>(waiting());
    int bytes = 0;
    while (!turns.isEmpty() && bytes < mostBytes) {
      LogTap.Source source = turns.remove();
      LogTap.Page page = page(source, ends);
      LogCursor end = page.next();
      for (LogTap.Stored it : page.blocks()) {
        if (bytes >= mostBytes) {
          end = it.at();
          break;
        }
        blocks.add(it);
        bytes += size(it);
      }
      if (!page.blocks().isEmpty()) {
        ends.put(source, end);
        turns.add(source);
      }
    }
    return new LogBatch(blocks, ends);
  }

  private List<LogTap.Source> waiting() {
    List<LogTap.Source> sources = tap.sources();
    forgetAllBut(sources);
    List<LogTap.Source> waiting = new ArrayList<>();
    for (LogTap.Source source : sources) {
      LogCursor at = delivered.get(source);
      if (tap.behind(source, at) > 0) {
        pending.add(source);
        waiting.add(source);
      } else if (tap.isPast(source, at)) {
        waiting.add(source);
      }
    }
    Collections.rotate(waiting, -turn);
    return waiting;
  }

  /** A pool of which nothing is stored any more may come again with other places. */
  private void forgetAllBut(List<LogTap.Source> sources) {
    Set<LogTap.Source> gone = new HashSet<>(delivered.keySet());
    gone.addAll(pending);
    sources.forEach(gone::remove);
    for (LogTap.Source source : gone) {
      if (pending.remove(source)) {
        gaps.accept(source);
      }
      delivered.remove(source);
    }
  }

  private LogTap.Page page(LogTap.Source source, Map<LogTap.Source, LogCursor> ends)
      throws IOException {
    LogCursor taken = ends.get(source);
    LogCursor from = taken == null ? delivered.get(source) : taken;
    LogTap.Page page = tap.after(source, from);
    if (page.lost() && taken != null) {
      // Told with the next batch, when what is before the gap has been handed on.
      return new LogTap.Page(List.of(), taken, false);
    }
    if (page.lost() || (from != null && tap.isPast(source, from))) {
      // Told once, however often the rows that follow are tried.
      delivered.put(source, page.blocks().isEmpty() ? page.next() : page.blocks().getFirst().at());
      if (page.lost()) {
        gaps.accept(source);
      }
    }
    return page;
  }

  /** What a receiver must hold of a block, about. */
  private static int size(LogTap.Stored stored) {
    return stored.block().rows().stream().mapToInt(row -> 40 + row.text().length).sum();
  }

  /** These need not be handed on again, also after a restart. */
  void delivered(LogBatch batch) throws IOException {
    delivered.putAll(batch.ends());
    batch
        .ends()
        .forEach(
            (source, end) -> {
              if (tap.behind(source, end) == 0) {
                pending.remove(source);
              }
            });
    turn = (turn + batch.ends().size()) % (1 << 20);
    file.write(delivered);
  }

  /** Bytes as they are stored that have not been handed on. Of any thread. */
  long behind() {
    return tap.sources().stream().mapToLong(it -> tap.behind(it, delivered.get(it))).sum();
  }
}
