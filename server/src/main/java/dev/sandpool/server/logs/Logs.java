package dev.sandpool.server.logs;

import dev.sandpool.server.engine.Consoles;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.Time;
import java.io.IOException;
import java.nio.file.Path;

/** The room as the server sees it: what is told, what is stored, and who carries it there. */
public final class Logs implements AutoCloseable {
  private final LogCounters counters = new LogCounters();
  private final SessionHash hash;
  private final Time time;
  private final LogFeed feed;
  private final LogStore store;
  private final Ledger ledger;
  private final LogCollector collector;

  private Logs(Path folder, LogStore.Bounds bounds, Sources sources, DataKey key, Time time)
      throws IOException {
    this.hash = new SessionHash(key);
    this.time = time;
    this.feed = new LogFeed(counters, time);
    this.store = LogStore.open(folder, bounds, counters);
    this.ledger = new RecordedLedger(sources.ledger, feed);
    this.collector =
        new LogCollector(
            new LogCollector.Parts(
                sources.ledger, sources.consoles, store, feed, counters, hash, time));
  }

  /** Where logs come from. */
  public record Sources(Ledger ledger, Consoles consoles) {}

  /** Opens what is stored; nothing is collected before {@link #start}. */
  public static Logs open(
      Path folder, LogStore.Bounds bounds, Sources sources, DataKey key, Time time)
      throws IOException {
    return new Logs(folder, bounds, sources, key, time);
  }

  /** The ledger, through which everybody must write from now on: what it records is told. */
  public Ledger ledger() {
    return ledger;
  }

  /** Takes events of sandboxes and pools. */
  public LogFeed feed() {
    return feed;
  }

  public LogStore store() {
    return store;
  }

  public SessionHash hash() {
    return hash;
  }

  public LogCounters counters() {
    return counters;
  }

  public Time time() {
    return time;
  }

  /** Begins to collect, once sandboxes that nobody adopts are gone. */
  public void start() throws IOException {
    collector.start();
  }

  @Override
  public void close() {
    collector.close();
  }
}
