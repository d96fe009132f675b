package dev.sandpool.bench;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.gateway.SandboxConnections;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.session.AllocationSettings;
import dev.sandpool.server.session.Sandboxes;
import dev.sandpool.server.session.Sessions;
import dev.sandpool.server.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Whether a session is found as quickly among a million as among a hundred, and what each costs.
 */
final class KnownIdentifiers implements Scenario {
  private static final double TARGET_BYTES = 400;
  private static final double TARGET_NANOS = 1000;
  private static final int FEW = 100;

  @Override
  public String name() {
    return "identifiers";
  }

  @Override
  public String title() {
    return "Known identifiers";
  }

  @Override
  public String method() {
    return """
    The server's table of sessions takes up sessions as after a restart, each with an address of its own and an \
    identifier of 36 characters; lookups go to identifiers at random, each with a key made anew from pool and text, as \
    for a request. *Bytes* are what the heap holds more after a full collection, divided by the sessions. What one \
    lookup may take longer among very many is a twentieth of what a request takes.""";
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) {
    int many = bench.pick(100_000, 1_000_000);
    long before = used();
    Sessions<SandboxConnections> sessions = sessions(many);
    double bytes = (double) (used() - before) / many;
    PoolId pool = dev.sandpool.server.ledger.Samples.pool(1, many).id();
    Sessions<SandboxConnections> small = sessions(FEW);
    int lookups = bench.pick(200_000, 5_000_000);
    List<Double> fewNanos = new ArrayList<>();
    List<Double> manyNanos = new ArrayList<>();
    for (int round = -1; round < 5; round++) {
      double few = lookup(small, pool, FEW, lookups, round);
      double all = lookup(sessions, pool, many, lookups, round);
      if (round >= 0) {
        fewNanos.add(few);
        manyNanos.add(all);
      }
    }
    double longer = Samples.of(manyNanos).median() - Samples.of(fewNanos).median();
    return List.of(
        Figure.atMost("bytes for a known identifier", bytes, TARGET_BYTES, " B"),
        Figure.atMost(
            "longer to find among %s than among %d".formatted(Figure.number(many), FEW),
            longer,
            TARGET_NANOS,
            " ns"),
        Figure.plain(
            "lookup among %d / %s".formatted(FEW, Figure.number(many)),
            Samples.of(fewNanos).withRange() + " / " + Samples.of(manyNanos).withRange() + " ns"));
  }

  private static String identifier(int number) {
    return "6f9619ff-8b86-d011-b42d-%012d".formatted(number);
  }

  private static Sessions<SandboxConnections> sessions(int count) {
    var ledger = new MemoryLedger();
    PoolRecord pool = dev.sandpool.server.ledger.Samples.pool(1, count);
    ledger.putPool(pool, dev.sandpool.server.ledger.Samples.document(pool));
    var sessions =
        new Sessions<>(
            ledger,
            new NoSandboxes(),
            SandboxConnections::new,
            Time.system(),
            AllocationSettings.defaults());
    Instant now = Time.system().now();
    for (int i = 0; i < count; i++) {
      // One after the other: a list of all records would be measured with the sessions.
      sessions.adopt(List.of(record(pool, i, now)));
    }
    return sessions;
  }

  private static SandboxRecord record(PoolRecord pool, int number, Instant now) {
    return new SandboxRecord(
        dev.sandpool.server.ledger.Samples.sandboxId(number),
        pool.desired().id(),
        number,
        NetworkStatus.EGRESS_DISABLED,
        1,
        8080,
        null,
        SandboxState.ALLOCATED,
        "10.%d.%d.%d".formatted((number >> 16) & 255, (number >> 8) & 255, number & 255),
        new SessionKey(pool.id(), identifier(number)),
        now,
        now,
        now.plusNanos(number),
        now,
        null,
        null);
  }

  /** Nanoseconds for one lookup; the texts are made before. */
  private static double lookup(
      Sessions<SandboxConnections> sessions, PoolId pool, int known, int lookups, long seed) {
    var random = new SplittableRandom(seed);
    List<String> wanted = new ArrayList<>();
    for (int i = 0; i < 65_536; i++) {
      wanted.add(identifier(random.nextInt(known)));
    }
    int found = 0;
    long begin = System.nanoTime();
    for (int i = 0; i < lookups; i++) {
      if (sessions.find(new SessionKey(pool, wanted.get(i & 65_535))) != null) {
        found++;
      }
    }
    double nanos = (double) (System.nanoTime() - begin) / lookups;
    if (found != lookups) {
      throw new IllegalStateException(found + " of " + lookups + " were found");
    }
    return nanos;
  }

  private static long used() {
    Runtime machine = Runtime.getRuntime();
    System.gc();
    System.gc();
    return machine.totalMemory() - machine.freeMemory();
  }

  /** Nothing is asked of them. */
  private static final class NoSandboxes implements Sandboxes {
    @Override
    public void replenish(PoolId pool) {}

    @Override
    public boolean destroy(SandboxId sandbox, String reason, Duration atMost) {
      throw new IllegalStateException("nothing is to be destroyed");
    }

    @Override
    public String whyNoneReady(PoolId pool) {
      return "there are none";
    }
  }
}
