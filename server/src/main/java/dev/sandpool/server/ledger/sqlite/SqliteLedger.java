package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.ClaimMark;
import dev.sandpool.server.ledger.ClaimResult;
import dev.sandpool.server.ledger.Claimant;
import dev.sandpool.server.ledger.Consumption;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.ledger.PoolHour;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.ledger.SandboxCount;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.ledger.Traffic;
import dev.sandpool.server.ledger.UsageLedger;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.Uptime;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * The ledger of one machine, in one SQLite file (WAL, synchronous NORMAL).
 *
 * <p>SQLite's calls are native and would pin the carriers of virtual threads, so they are made by a
 * few platform threads: one writes and commits in groups, some read. Callers queue and wait.
 */
public final class SqliteLedger implements Ledger, UsageLedger {
  /** More in one job would hold up the claims behind it. */
  private static final int NOTES_PER_JOB = 256;

  private final FileIdentity identity;
  private final ClaimMark mark;
  private final JobQueue writes;
  private final JobQueue reads;
  private final Writer writer;
  private final List<Reader> readers;
  private final Checkpointer checkpointer;

  private final ResourceTable resources = new ResourceTable();
  private final PoolTable pools;
  private final SandboxTable sandboxes;
  private final Claims claims;
  private final UsageTable usage;
  private final UsageNotes usageNotes;

  private SqliteLedger(
      LedgerFile file, FileIdentity identity, DataKey key, Outside outside, UsageTable usage) {
    this.identity = identity;
    this.mark = outside.mark;
    this.usage = usage;
    this.usageNotes = new UsageNotes(outside.uptime);
    Limits limits = file.limits();
    writes = new JobQueue(limits.waiting());
    reads = new JobQueue(limits.waiting());
    checkpointer = new Checkpointer(file::openWriter);
    writer = new Writer(file::openWriter, writes, limits.batch(), checkpointer, outside.commits);
    readers =
        IntStream.range(0, limits.readers())
            .mapToObj(number -> new Reader(number, file::openReader, reads))
            .toList();
    var rows = new SandboxRows(key);
    pools = new PoolTable(key, resources);
    sandboxes = new SandboxTable(rows, outside.uptime, usage);
    claims = new Claims(rows, outside.uptime);
  }

  /**
   * What a ledger knows of the world outside its file.
   *
   * @param mark counts claims there
   * @param uptime how long sandboxes live is measured by it
   * @param commits told how many nanoseconds each group of writes took; must not block
   */
  public record Outside(ClaimMark mark, Uptime uptime, LongConsumer commits) {
    /** The host's uptime, and nobody counts or measures. */
    static Outside alone() throws IOException {
      return new Outside(ClaimMark.inMemory(), Uptime.ofHost(), nanos -> {});
    }
  }

  /** As the next, and nobody counts claims outside of the file. */
  public static SqliteLedger open(Path databaseFile, DataKey key) throws IOException {
    return open(databaseFile, key, Outside.alone());
  }

  /**
   * Opens the ledger of that file, which is made (0600) if it is not there. Nobody else may have it
   * open.
   *
   * @param mark counts claims outside of the file
   * @throws IOException if it cannot be opened, was written under another data key or by a newer
   *     version
   */
  public static SqliteLedger open(Path databaseFile, DataKey key, ClaimMark mark)
      throws IOException {
    return open(databaseFile, key, new Outside(mark, Uptime.ofHost(), nanos -> {}));
  }

  /**
   * The same with all that it may know.
   *
   * @throws IOException as the other
   */
  public static SqliteLedger open(Path databaseFile, DataKey key, Outside outside)
      throws IOException {
    return open(databaseFile, key, outside, Limits.DEFAULT);
  }

  static SqliteLedger open(Path databaseFile, DataKey key, Limits limits) throws IOException {
    return open(databaseFile, key, Outside.alone(), limits);
  }

  private static SqliteLedger open(Path databaseFile, DataKey key, Outside outside, Limits limits)
      throws IOException {
    var file = new LedgerFile(databaseFile, limits);
    var usage = new UsageTable(outside.uptime);
    file.prepare();
    try (Db db = file.openWriter()) {
      Migrator.migrate(db, databaseFile);
      KeyCheck.check(db, key, databaseFile);
      usage.resume(db);
    } catch (SQLException e) {
      throw new IOException("ledger " + databaseFile + " cannot be opened: " + e.getMessage(), e);
    }
    var ledger = new SqliteLedger(file, FileIdentity.of(databaseFile), key, outside, usage);
    ledger.writer.start();
    ledger.readers.forEach(Reader::start);
    ledger.checkpointer.start();
    return ledger;
  }

  @Override
  public Optional<ResourceRecord> resource(String resourceId) {
    return reads.call(resources.get(resourceId));
  }

  @Override
  public List<ResourceRecord> resources(String type, String scope) {
    return reads.call(resources.list(type, scope));
  }

  @Override
  public List<ResourceRecord> resources(String type, String scope, String after, int limit) {
    return reads.call(resources.list(type, scope, after, limit));
  }

  @Override
  public void putResource(ResourceRecord resource) {
    writes.call(resources.put(resource));
  }

  @Override
  public void deleteResource(String resourceId) {
    writes.call(resources.delete(resourceId));
  }

  @Override
  public List<PoolRecord> pools() {
    return reads.call(pools.list());
  }

  @Override
  public List<PoolRecord> pools(String firstResourceId, String lastResourceId) {
    return reads.call(pools.list(firstResourceId, lastResourceId));
  }

  @Override
  public Optional<PoolRecord> pool(PoolId pool) {
    return reads.call(pools.get(pool));
  }

  @Override
  public void putPool(PoolRecord pool, ResourceRecord document) {
    writes.call(pools.put(pool, document));
  }

  @Override
  public boolean updatePool(PoolRecord pool) {
    return writes.call(pools.update(pool));
  }

  @Override
  public void deletePool(PoolId pool) {
    writes.call(pools.delete(pool));
  }

  @Override
  public void recordStarting(SandboxRecord sandbox) {
    writes.call(sandboxes.recordStarting(sandbox));
  }

  @Override
  public boolean markReady(SandboxId sandbox, String address, Instant now) {
    return writes.call(sandboxes.markReady(sandbox, address, now));
  }

  @Override
  public void claim(SessionKey key, Instant now, Claimant claimant) {
    try {
      writes.submit(
          new ToldJob<>(
              claims.claim(key, now), result -> decided(result, claimant), claimant::failed));
    } catch (RuntimeException e) {
      // Told like any other outcome: whoever asked has others wait for it.
      claimant.failed(e);
    }
  }

  private void decided(ClaimResult result, Claimant claimant) {
    if (result instanceof ClaimResult.Claimed) {
      mark.advance();
    }
    claimant.decided(result);
  }

  @Override
  public boolean markStopping(SandboxId sandbox, String reason, Instant now) {
    return writes.call(sandboxes.markStopping(sandbox, reason));
  }

  @Override
  public boolean markRetired(SandboxId sandbox, String reason, Instant now) {
    return writes.call(sandboxes.markRetired(sandbox, reason));
  }

  @Override
  public void markNetwork(SandboxId sandbox, NetworkStatus network) {
    writes.call(sandboxes.markNetwork(sandbox, network));
  }

  @Override
  public void markGone(SandboxId sandbox, Instant now) {
    writes.call(sandboxes.markGone(sandbox, now));
  }

  @Override
  public void forget(Collection<SandboxId> rested) {
    if (!rested.isEmpty()) {
      writes.call(sandboxes.forget(rested));
    }
  }

  @Override
  public void noteActivity(Map<SandboxId, Instant> lastActive) {
    var notes = new ArrayList<>(lastActive.entrySet());
    for (int from = 0; from < notes.size(); from += NOTES_PER_JOB) {
      int to = Math.min(from + NOTES_PER_JOB, notes.size());
      writes.call(sandboxes.noteActivity(notes.subList(from, to)));
    }
  }

  @Override
  public Optional<SandboxRecord> sandbox(SandboxId sandbox) {
    return reads.call(sandboxes.get(sandbox));
  }

  @Override
  public Collection<SandboxRecord> sandboxes() {
    return reads.call(sandboxes.list());
  }

  @Override
  public List<SandboxRecord> sandboxes(PoolId pool) {
    return reads.call(sandboxes.list(pool));
  }

  @Override
  public List<SandboxCount> counts(Collection<PoolId> of) {
    return of.isEmpty() ? List.of() : reads.call(sandboxes.counts(of));
  }

  @Override
  public long claimCount() {
    return reads.call(sandboxes.claimCount());
  }

  @Override
  public void raiseClaimCount(long atLeast) {
    writes.call(sandboxes.raiseClaimCount(atLeast));
  }

  @Override
  public void touch() {
    try {
      identity.check();
    } catch (LedgerUnavailableException e) {
      // For good: what is committed to a file that is in nobody's sight is lost.
      writes.refuse(e);
      throw e;
    }
    writes.call(sandboxes.raiseClaimCount(0));
  }

  @Override
  public List<PoolHour> usage(Instant from, Instant to, Duration step) {
    return reads.call(usage.list(from, to, step));
  }

  @Override
  public List<PoolHour> usageOfSandboxes(Instant from, Instant to, Duration step) {
    return reads.call(usage.listSandboxes(from, to, step));
  }

  @Override
  public List<SandboxId> metered() {
    return reads.call(usage.metered());
  }

  @Override
  public void noteConsumption(Collection<Consumption> seen, Instant now) {
    writes.call(usage.up());
    List<Consumption> notes = List.copyOf(seen);
    for (int from = 0; from < notes.size(); from += NOTES_PER_JOB) {
      int to = Math.min(from + NOTES_PER_JOB, notes.size());
      writes.call(usageNotes.consumed(notes.subList(from, to), now));
    }
  }

  @Override
  public void noteTraffic(Collection<Traffic> seen, Instant now) {
    List<Traffic> notes = List.copyOf(seen);
    for (int from = 0; from < notes.size(); from += NOTES_PER_JOB) {
      int to = Math.min(from + NOTES_PER_JOB, notes.size());
      writes.call(usageNotes.passed(notes.subList(from, to), now));
    }
  }

  @Override
  public void forgetUsage(Instant before) {
    writes.call(usage.forget(before));
  }

  @Override
  public void forgetSandboxUsage(Instant before) {
    long hour = reads.call(usage.sandboxesKeptFrom(before));
    boolean more = true;
    while (more) {
      more = writes.call(usage.forgetSandboxes(hour));
    }
  }

  /** Writes waiting for the writer, for tests and gauges. */
  int waitingWrites() {
    return writes.size();
  }

  /** Has the writer fail as a whole and give its connection up, for tests. */
  void breakWriter() {
    writes.call(
        db -> {
          // Ends the group's transaction, so that nothing after it in the group can be right.
          db.run("ROLLBACK");
          throw new SQLException("made to fail");
        });
  }

  /** Refuses further calls, does what was accepted, and closes the file. May be repeated. */
  @Override
  public void close() {
    writes.close();
    reads.close();
    readers.forEach(Reader::close);
    checkpointer.close();
    // Last, because a connection that may write must be the one that folds the log into the file.
    writer.close();
  }
}
