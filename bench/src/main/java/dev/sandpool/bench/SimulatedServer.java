package dev.sandpool.bench;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.RevisionId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SimulatedEngine;
import dev.sandpool.server.image.FakeImageStore;
import dev.sandpool.server.image.Retention;
import dev.sandpool.server.ledger.ClaimMark;
import dev.sandpool.server.ledger.Lifecycle;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Probes;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.ledger.Revision;
import dev.sandpool.server.ledger.sqlite.SqliteLedger;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.pool.Backoff;
import dev.sandpool.server.pool.IdentityDoors;
import dev.sandpool.server.pool.KeeperParts;
import dev.sandpool.server.pool.KeeperSettings;
import dev.sandpool.server.pool.PoolKeeper;
import dev.sandpool.server.pool.RegistryLogins;
import dev.sandpool.server.pool.SandboxListener;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.session.AllocationSettings;
import dev.sandpool.server.session.Sessions;
import dev.sandpool.server.session.Upstream;
import dev.sandpool.server.session.UpstreamFactory;
import dev.sandpool.server.time.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The server's own ledger, sessions and keeper over sandboxes that are no processes, put together
 * as the server does it.
 */
final class SimulatedServer<U extends Upstream> implements AutoCloseable {
  private static final String GROUP = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.App/";

  private final SqliteLedger ledger;
  private final SimulatedEngine engine = new SimulatedEngine();
  private final Metrics metrics = new Metrics();
  private final PoolKeeper keeper;
  private final Sessions<U> sessions;
  private final PoolId pool = PoolId.random(new SecureRandom());

  /**
   * @param targetPort where "sandboxes" listen on loopback
   */
  SimulatedServer(Path folder, int targetPort, int ready, UpstreamFactory<U> upstreams)
      throws IOException {
    ledger = SqliteLedger.open(folder.resolve("ledger.db"), DataKey.of(new byte[32]));
    var link = new Link();
    var parts =
        new KeeperParts(
            ledger,
            engine,
            new FakeImageStore(),
            RegistryLogins.none(),
            (address, probe) -> null,
            IdentityDoors.none(),
            Time.system(),
            new SecureRandom(),
            event -> {},
            ClaimMark.inMemory(),
            () -> Long.MAX_VALUE,
            pool -> Optional.empty(),
            pool -> true,
            metrics);
    keeper = new PoolKeeper(parts, settings(), link);
    sessions =
        new Sessions<>(
            ledger,
            keeper,
            upstreams,
            Time.system(),
            new AllocationSettings(100_000, Duration.ZERO));
    link.sessions = sessions;
    keeper.recover(false);
    keeper.start();
    PoolRecord record = pool(targetPort, ready);
    ledger.putPool(
        record,
        new ResourceRecord(
            record.resourceId(),
            "Microsoft.App/sessionPools",
            "{}",
            "bench",
            record.changedAt(),
            "bench",
            record.changedAt()));
    keeper.changed(pool);
  }

  private static KeeperSettings settings() {
    return new KeeperSettings(
        2 * Runtime.getRuntime().availableProcessors(),
        Runtime.getRuntime().availableProcessors(),
        Duration.ZERO,
        Duration.ofSeconds(60),
        Duration.ofMinutes(10),
        Duration.ofSeconds(2),
        Duration.ofSeconds(1),
        1_000_000,
        1L << 50,
        Backoff.DEFAULT,
        new Retention(Duration.ofDays(7), 1L << 40));
  }

  private PoolRecord pool(int targetPort, int ready) {
    var revision =
        new Revision(
            new RevisionId(pool, 1),
            "sample:1",
            null,
            null,
            List.of(),
            List.of(),
            Map.of(),
            0.25,
            64 << 20,
            targetPort,
            null,
            Probes.NONE);
    return new PoolRecord(
        pool,
        GROUP + "sessionPools/bench",
        GROUP + "managedEnvironments/env",
        "bench",
        1,
        1_000_000,
        ready,
        new Lifecycle.Timed(Duration.ofHours(1)),
        NetworkStatus.EGRESS_DISABLED,
        null,
        revision,
        PoolRecord.Provisioning.inProgress(),
        Time.system().now());
  }

  PoolId pool() {
    return pool;
  }

  Sessions<U> sessions() {
    return sessions;
  }

  /** Returns when so many are ready. */
  void awaitReady(int ready) throws IOException {
    long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (keeper.condition(pool).ready() < ready) {
      if (System.nanoTime() > deadline) {
        throw new IOException("the simulated pool is not ready: " + keeper.condition(pool));
      }
      LockSupport.parkNanos(10_000_000);
    }
  }

  @Override
  public void close() {
    keeper.close();
    engine.close();
    engine.host().close();
    ledger.close();
  }

  /** What the keeper tells, passed on: sessions and keeper need each other. */
  private static final class Link implements SandboxListener {
    private volatile @Nullable Sessions<?> sessions;

    private Sessions<?> sessions() {
      Sessions<?> bound = sessions;
      if (bound == null) {
        throw new IllegalStateException("told before the sessions were there");
      }
      return bound;
    }

    @Override
    public void ready(PoolId changed) {
      sessions().poolChanged(changed);
    }

    @Override
    public void ending(SandboxId sandbox) {
      sessions().sandboxEnding(sandbox);
    }

    @Override
    public void gone(SandboxId sandbox) {
      sessions().sandboxGone(sandbox);
    }

    @Override
    public int waiting(PoolId changed) {
      return sessions().waiting(changed);
    }
  }
}
