package dev.sandpool.server.logs;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.engine.ConsolePosition;
import java.util.ArrayList;
import java.util.List;

/** A sandbox as the collector knows it: whose its lines are, and how far they have been read. */
final class Source {
  private final PoolId pool;
  private final LogOrigin origin;
  private ConsolePosition read;
  private long allocatedMicros = Long.MAX_VALUE;
  private String session = "";
  private long heldSinceNanos;
  private boolean holds;
  private boolean gone;

  Source(PoolId pool, LogOrigin origin, ConsolePosition read) {
    this.pool = pool;
    this.origin = origin;
    this.read = read;
  }

  PoolId pool() {
    return pool;
  }

  ConsolePosition read() {
    return read;
  }

  void read(ConsolePosition position) {
    read = position;
  }

  /** From that time on its lines are of that session; there is never another. */
  void allocated(String hash, long micros) {
    session = hash;
    allocatedMicros = micros;
  }

  LogOrigin origin() {
    return session.isEmpty() ? origin : origin.withSession(session);
  }

  /** Whether an unfinished line has waited for its end for that long. */
  boolean holdsFor(long nanos, long now) {
    return holds && now - heldSinceNanos > nanos;
  }

  void hold(boolean held, long now) {
    if (held && !holds) {
      heldSinceNanos = now;
    }
    holds = held;
  }

  void markGone() {
    gone = true;
  }

  boolean isGone() {
    return gone;
  }

  /** The rows as blocks: those from before it was a session's are nobody's. */
  List<LogBlock> blocks(List<LogRow> rows, ConsolePosition after, boolean ended) {
    int split = 0;
    while (split < rows.size() && rows.get(split).micros() < allocatedMicros) {
      split++;
    }
    List<LogBlock> blocks = new ArrayList<>();
    if (split > 0 && split < rows.size()) {
      blocks.add(new LogBlock(origin, rows.subList(0, split), null, false));
    }
    boolean before = split == rows.size() && split > 0;
    List<LogRow> last = split < rows.size() ? rows.subList(split, rows.size()) : rows;
    blocks.add(new LogBlock(before ? origin : origin(), last, after, ended));
    return blocks;
  }
}
