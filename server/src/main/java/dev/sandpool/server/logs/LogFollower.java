package dev.sandpool.server.logs;

import dev.sandpool.model.PoolId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Rows of one table of one pool as they were stored, from a time on, and as they are stored. */
public final class LogFollower {
  /** How long it may go unnoticed that nobody reads any more. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private final LogStore store;
  private final PoolId pool;
  private final LogTable table;
  private final long from;
  private final Map<String, LogCursor> cursors = new HashMap<>();

  public LogFollower(LogStore store, PoolId pool, LogTable table, Instant from) {
    this.store = store;
    this.pool = pool;
    this.table = table;
    this.from = LogRow.micros(from);
  }

  /** Takes rows, which may wait for whoever they go to. */
  public interface Receiver {
    void take(LogPlace place, LogOrigin origin, LogRow row) throws IOException;

    /** There is nothing more at this moment. */
    void pause() throws IOException;
  }

  /** Gives what is stored by now and was not given before. */
  public void read(Receiver receiver) throws IOException {
    for (PoolLog log : store.pool(pool)) {
      TableLog source = log.table(table);
      String key = log.place().workspace();
      LogCursor at = cursors.get(key);
      TableLog.Page page = source.after(at == null ? source.since(from) : at);
      while (!page.blocks().isEmpty()) {
        for (LogBlock block : page.blocks()) {
          give(log.place(), block, receiver);
        }
        page = source.after(page.next());
      }
      cursors.put(key, page.next());
    }
    receiver.pause();
  }

  private void give(LogPlace place, LogBlock block, Receiver receiver) throws IOException {
    for (LogRow row : block.rows()) {
      if (row.micros() >= from) {
        receiver.take(place, block.origin(), row);
      }
    }
  }

  /** Goes on giving as long as somebody reads. */
  public void follow(Receiver receiver, BooleanSupplier wanted)
      throws IOException, InterruptedException {
    long seen = store.version();
    read(receiver);
    while (wanted.getAsBoolean()) {
      seen = store.awaitChange(seen, LOOK_AGAIN);
      read(receiver);
    }
  }
}
