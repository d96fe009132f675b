package dev.sandpool.server.pool;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SimulatedEngine;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.image.FakeImageStore;
import dev.sandpool.server.image.Retention;
import dev.sandpool.server.ledger.ClaimMark;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.lifecycle.LifecycleCounters;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.session.AllocationSettings;
import dev.sandpool.server.session.Sessions;
import dev.sandpool.server.session.Upstream;
import dev.sandpool.server.time.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Keeper and sessions over a simulated host, put together as the server does it. */
public final class KeeperWorld implements AutoCloseable {
  public final VirtualTime time;
  public final FakeImageStore images = new FakeImageStore();
  public final SimulatedEngine engine;
  public final Ledger ledger;
  public final LifecycleCounters events = new LifecycleCounters();
  public final PoolKeeper keeper;
  public final Sessions<Upstream> sessions;

  /** What probes find; all is well until a test says otherwise. */
  public volatile SandboxProbe probes = (address, probe) -> null;

  /** Why nothing may be started; null as long as it may. */
  public volatile @Nullable String refusal;

  public volatile boolean snapshots = true;

  /** What is free on the disk. */
  public final Metrics metrics = new Metrics();

  public final AtomicLong usableBytes = new AtomicLong(Long.MAX_VALUE);

  /** How many of the next notices of an end fail, as they would if connections cannot be closed. */
  public final AtomicInteger failingNotices = new AtomicInteger();

  /** A server that has just come up on this host with this ledger. */
  public KeeperWorld(Ledger ledger, SimulatedHost host, VirtualTime time, long seed) {
    this(ledger, host, time, seed, Found.asLeft());
  }

  /**
   * What such a server finds besides.
   *
   * @param rebooted whether the host was booted since
   */
  public record Found(ClaimMark mark, boolean rebooted) {
    static Found asLeft() {
      var mark = ClaimMark.inMemory();
      mark.set(0);
      return new Found(mark, false);
    }
  }

  /** The same where not everything is as it was left. */
  public KeeperWorld(Ledger ledger, SimulatedHost host, VirtualTime time, long seed, Found found) {
    this(ledger, host, time, seed, found, Duration.ZERO);
  }

  /**
   * The same where a new revision has to hold for a while.
   *
   * @param trial how long
   */
  public KeeperWorld(
      Ledger ledger, SimulatedHost host, VirtualTime time, long seed, Found found, Duration trial) {
    this(ledger, host, time, seed, found, trial, Size.ample());
  }

  /** What all sandboxes together may have. */
  record Size(int slots, long memoryBytes) {
    static Size ample() {
      return new Size(4096, 1L << 40);
    }
  }

  /** The same where there is room for few sandboxes. */
  KeeperWorld(
      Ledger ledger,
      SimulatedHost host,
      VirtualTime time,
      long seed,
      Found found,
      Duration trial,
      Size size) {
    this.ledger = ledger;
    this.time = time;
    this.engine = new SimulatedEngine(host);
    var link = new Link();
    var parts =
        new KeeperParts(
            ledger,
            engine,
            images,
            RegistryLogins.none(),
            (address, probe) -> probes.failure(address, probe),
            IdentityDoors.none(),
            time,
            new Random(seed),
            events,
            found.mark(),
            usableBytes::get,
            pool -> Optional.ofNullable(refusal),
            pool -> snapshots,
            metrics);
    var settings =
        new KeeperSettings(
            4,
            4,
            Duration.ZERO,
            Duration.ofSeconds(60),
            Duration.ofMinutes(10),
            trial,
            Duration.ofSeconds(60),
            size.slots(),
            size.memoryBytes(),
            new Backoff(Duration.ofMillis(1), Duration.ofMillis(20)),
            new Retention(Duration.ofDays(7), 1L << 40));
    this.keeper = new PoolKeeper(parts, settings, link);
    this.sessions =
        new Sessions<>(
            ledger,
            keeper,
            (sandbox, address, port) -> () -> {},
            time,
            AllocationSettings.defaults());
    link.sessions = sessions;
    List<SandboxRecord> adopted = keeper.recover(found.rebooted());
    sessions.adopt(adopted);
    keeper.start();
  }

  @Override
  public void close() {
    keeper.close();
    engine.close();
  }

  private final class Link implements SandboxListener {
    private volatile @Nullable Sessions<Upstream> sessions;

    private Sessions<Upstream> sessions() {
      Sessions<Upstream> bound = sessions;
      if (bound == null) {
        throw new IllegalStateException("told before the sessions were there");
      }
      return bound;
    }

    @Override
    public void ready(PoolId pool) {
      sessions().poolChanged(pool);
    }

    @Override
    public void ending(SandboxId sandbox) {
      if (failingNotices.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        throw new IllegalStateException("connections cannot be closed now");
      }
      sessions().sandboxEnding(sandbox);
    }

    @Override
    public void gone(SandboxId sandbox) {
      sessions().sandboxGone(sandbox);
    }

    @Override
    public int waiting(PoolId pool) {
      return sessions().waiting(pool);
    }
  }
}
