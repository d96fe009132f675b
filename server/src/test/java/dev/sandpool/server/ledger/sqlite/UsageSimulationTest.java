package dev.sandpool.server.ledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.ClaimMark;
import dev.sandpool.server.ledger.ClaimResult;
import dev.sandpool.server.ledger.Consumption;
import dev.sandpool.server.ledger.PoolHour;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Samples;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.Traffic;
import dev.sandpool.server.ledger.UsageAmounts;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.Uptime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random lives of sandboxes in virtual time, while the server is killed, the host boots and its
 * clock is set, are added up to what their steps say, and to nothing else.
 */
class UsageSimulationTest {
  private static final DataKey KEY = DataKey.of(new byte[32]);
  private static final int POOLS = 3;
  private static final int STEPS = 400;
  private static final Instant ALL = Instant.parse("2200-01-01T00:00:00Z");

  @TempDir private Path directory = Path.of("set by JUnit");

  private final World world = new World();
  private final Map<SandboxId, Life> lives = new HashMap<>();
  private final Map<PoolId, Long> cpuMicros = new HashMap<>();
  private Random random = new Random();
  private @Nullable SqliteLedger open;
  private int copies;
  private int born;

  /** The host's clocks. */
  private static final class World implements Uptime {
    private int boots;
    private long up;
    private long lastSeen;
    private Instant wall = Samples.NOW;

    @Override
    public String boot() {
      return "boot-" + boots;
    }

    @Override
    public long nanos() {
      return up;
    }

    void pass(Duration time) {
      up += time.toNanos();
      wall = wall.plus(time);
    }
  }

  /** The steps of one sandbox as they were answered. */
  private static final class Life {
    private final SandboxId id;
    private final PoolRecord pool;
    private SandboxState state = SandboxState.STARTING;
    private @Nullable Long ready;
    private @Nullable Long allocated;
    private @Nullable Long end;
    private long cpu;
    private long cpuMicros;

    /** What has passed in all, and since the server was started, which is what a gateway knows. */
    private Traffic passed;

    private Traffic sinceStart;
    private boolean forgotten;

    Life(SandboxId id, PoolRecord pool) {
      this.id = id;
      this.pool = pool;
      this.passed = new Traffic(id, 0, 0, 0);
      this.sinceStart = passed;
    }

    void pass(long bytes) {
      passed = more(passed, bytes);
      sinceStart = more(sinceStart, bytes);
    }

    private static Traffic more(Traffic had, long bytes) {
      return new Traffic(
          had.sandbox(), had.requests() + 1, had.bytesIn() + bytes, had.bytesOut() + 2 * bytes);
    }

    boolean alive() {
      return state != SandboxState.GONE;
    }

    long readySeconds(long now) {
      return ready == null ? 0 : seconds(ready, allocated == null ? until(now) : allocated);
    }

    long allocatedSeconds(long now) {
      return allocated == null ? 0 : seconds(allocated, until(now));
    }

    private long until(long now) {
      return end == null ? now : end;
    }

    private static long seconds(long from, long to) {
      return (to - from) / 1_000_000_000;
    }
  }

  @AfterEach
  void close() {
    if (open != null) {
      open.close();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 0})
  void sumsEqualWhatTheStepsSayToTheSecond(long given) throws IOException {
    long seed = given == 0 ? System.nanoTime() : given;
    System.out.println("UsageSimulationTest seed " + seed);
    random = new Random(seed);
    Files.createDirectories(folder());
    reopen();
    List<PoolRecord> pools = new ArrayList<>();
    for (int i = 1; i <= POOLS; i++) {
      PoolRecord pool = Samples.pool(i, 1_000);
      ledger().putPool(pool, Samples.document(pool));
      pools.add(pool);
    }
    for (int step = 0; step < STEPS; step++) {
      act(pools.get(random.nextInt(POOLS)));
      if (step % 10 == 0) {
        check(pools);
      }
    }
    lives.values().stream().filter(Life::alive).toList().forEach(this::gone);
    check(pools);
    ledger().forgetSandboxUsage(ALL);
    assertThat(ledger().usageOfSandboxes(Instant.EPOCH, ALL, Duration.ofHours(1))).isEmpty();
    ledger().forgetUsage(ALL);
    assertThat(ledger().usage(Instant.EPOCH, ALL, Duration.ofHours(1))).isEmpty();
  }

  private void act(PoolRecord pool) throws IOException {
    world.pass(Duration.ofSeconds(random.nextInt(3) == 0 ? random.nextInt(7_000) : 1));
    switch (random.nextInt(18)) {
      case 0, 1, 2 -> start(pool);
      case 3, 4, 5 -> one(life -> life.state == SandboxState.STARTING, this::ready);
      case 6, 7, 8 -> claim(pool);
      case 9, 10 -> one(life -> life.alive() && life.end == null, this::stop);
      case 11 -> one(Life::alive, this::gone);
      case 12 -> consume();
      case 13 -> kill();
      case 16, 17 -> forward();
      case 14 -> world.wall = world.wall.plusSeconds(random.nextInt(7_200) - 3_600L);
      default -> {
        if (random.nextInt(8) == 0) {
          boot();
        }
      }
    }
  }

  /** Sandboxes that are gone say their last; noting the same twice adds nothing. */
  private void forward() {
    List<Traffic> seen = new ArrayList<>();
    for (Life life : lives.values()) {
      if (life.allocated != null && !life.forgotten) {
        life.pass(random.nextInt(1_000_000));
        seen.add(life.sinceStart);
      }
    }
    ledger().noteTraffic(seen, world.wall);
    ledger().noteTraffic(seen, world.wall);
  }

  private interface Step {
    void of(Life life);
  }

  private void one(Predicate<Life> which, Step step) {
    List<Life> found = lives.values().stream().filter(which).toList();
    if (!found.isEmpty()) {
      step.of(found.get(random.nextInt(found.size())));
    }
  }

  private void start(PoolRecord pool) {
    born++;
    SandboxRecord sandbox =
        Samples.starting(
            born, Objects.requireNonNull(pool.active()).id(), NetworkStatus.EGRESS_DISABLED);
    ledger().recordStarting(sandbox);
    lives.put(sandbox.id(), new Life(sandbox.id(), pool));
  }

  private void ready(Life life) {
    assertThat(ledger().markReady(life.id, "10.0.0.1", world.wall)).isTrue();
    life.state = SandboxState.READY;
    life.ready = world.up;
  }

  private void claim(PoolRecord pool) {
    ClaimResult result = ledger().claim(Samples.key(pool, "user-" + world.up), world.wall);
    if (result instanceof ClaimResult.Claimed(SandboxRecord sandbox, var ignored)) {
      Life life = Objects.requireNonNull(lives.get(sandbox.id()));
      life.state = SandboxState.ALLOCATED;
      life.allocated = world.up;
    }
  }

  private void stop(Life life) {
    assertThat(ledger().markStopping(life.id, "enough", world.wall)).isTrue();
    life.state = SandboxState.STOPPING;
    life.end = world.up;
  }

  private void gone(Life life) {
    ledger().markGone(life.id, world.wall);
    life.state = SandboxState.GONE;
    life.end = life.end == null ? Long.valueOf(world.up) : life.end;
    if (random.nextBoolean()) {
      ledger().markGone(life.id, world.wall);
      ledger().forget(List.of(life.id));
      life.forgotten = true;
    }
  }

  /** Counters of cgroups go on over our crashes; noting the same twice adds nothing. */
  private void consume() {
    List<Consumption> seen = new ArrayList<>();
    for (Life life : lives.values()) {
      if (life.alive()) {
        long more = random.nextInt(1_000_000);
        life.cpu += more * 1_000;
        life.cpuMicros += more;
        cpuMicros.merge(life.pool.id(), more, Long::sum);
        seen.add(new Consumption(life.id, life.cpu, 1 << 20));
      }
    }
    ledger().noteConsumption(seen, world.wall);
    ledger().noteConsumption(seen, world.wall);
    world.lastSeen = world.up;
  }

  /** Only what is in the files is left. */
  private void kill() throws IOException {
    Path before = folder();
    copies++;
    Path after = Files.createDirectories(folder());
    for (String name : List.of("ledger.db", "ledger.db-wal")) {
      // There is no log as long as nothing has been written.
      if (Files.exists(before.resolve(name))) {
        Files.copy(before.resolve(name), after.resolve(name));
      }
    }
    ledger().close();
    world.pass(Duration.ofSeconds(random.nextInt(100)));
    reopen();
  }

  /** What lived ended when the host was last seen, or, what began later, when it began. */
  private void boot() throws IOException {
    ledger().close();
    for (Life life : lives.values()) {
      if (life.alive() && life.end == null && life.ready != null) {
        long began = life.allocated == null ? life.ready : life.allocated;
        life.end = Math.max(began, world.lastSeen);
      }
    }
    world.boots++;
    world.wall = world.wall.plusSeconds(60);
    // Uptime begins anew: what is left of an earlier boot must not be measured by it.
    long restarted = 5_000_000_000L;
    world.up = restarted;
    reopen();
    for (Life life : List.copyOf(lives.values())) {
      if (life.alive()) {
        ledger().markStopping(life.id, "the host has booted", world.wall);
        Long end = life.end;
        gone(life);
        life.end = end;
      }
    }
  }

  private void reopen() throws IOException {
    open =
        SqliteLedger.open(
            folder().resolve("ledger.db"),
            KEY,
            new SqliteLedger.Outside(ClaimMark.inMemory(), world, nanos -> {}));
    // A gateway begins to count anew.
    lives.values().forEach(life -> life.sinceStart = new Traffic(life.id, 0, 0, 0));
    world.lastSeen = world.up;
  }

  private Path folder() {
    return directory.resolve("life-" + copies);
  }

  private SqliteLedger ledger() {
    return Objects.requireNonNull(open);
  }

  private void check(List<PoolRecord> pools) {
    // However it is cut, it is the same.
    Duration step = Duration.ofHours(List.of(1, 24, 10_000_000).get(random.nextInt(3)));
    List<PoolHour> hours = ledger().usage(Instant.EPOCH, ALL, step);
    for (PoolRecord pool : pools) {
      UsageAmounts sum =
          hours.stream()
              .filter(hour -> hour.resourceId().equals(pool.resourceId()))
              .map(PoolHour::amounts)
              .reduce(UsageAmounts.NONE, UsageAmounts::plus);
      List<Life> its = lives.values().stream().filter(life -> life.pool.equals(pool)).toList();
      long ready = its.stream().mapToLong(life -> life.readySeconds(world.up)).sum();
      long allocated = its.stream().mapToLong(life -> life.allocatedSeconds(world.up)).sum();
      assertThat(sum.readyMicros()).as("ready").isEqualTo(ready * 1_000_000);
      assertThat(sum.allocatedMicros()).as("allocated").isEqualTo(allocated * 1_000_000);
      // To a thousandth of a core's second: the piece of each hour is cut to a whole number.
      assertThat(sum.milliCpuMillis()).isCloseTo((ready + allocated) * 500 * 1_000, within(1_000L));
      assertThat(sum.mebibyteMillis()).isCloseTo((ready + allocated) * 512 * 1_000, within(1_000L));
      assertThat(sum.sessions())
          .isEqualTo(its.stream().filter(life -> life.allocated != null).count());
      assertThat(sum.sessionHours()).isGreaterThanOrEqualTo(sum.sessions());
      assertThat(sum.cpuMicros()).isEqualTo(cpuMicros.getOrDefault(pool.id(), 0L));
      assertThat(sum.requests()).isEqualTo(total(its, life -> life.passed.requests()));
      assertThat(sum.bytesIn()).isEqualTo(total(its, life -> life.passed.bytesIn()));
      assertThat(sum.bytesOut()).isEqualTo(total(its, life -> life.passed.bytesOut()));
    }
    checkSandboxes(hours, step);
  }

  private static long total(List<Life> lives, ToLongFunction<Life> of) {
    return lives.stream().mapToLong(of).sum();
  }

  /** Each sandbox's rows say what befell it, and all of a pool's together what the pool's say. */
  private void checkSandboxes(List<PoolHour> pools, Duration step) {
    List<PoolHour> each = ledger().usageOfSandboxes(Instant.EPOCH, ALL, step);
    Map<SandboxId, UsageAmounts> sums = new HashMap<>();
    each.forEach(
        hour ->
            sums.merge(Objects.requireNonNull(hour.sandbox()), hour.amounts(), UsageAmounts::plus));
    for (Life life : lives.values()) {
      UsageAmounts sum = sums.getOrDefault(life.id, UsageAmounts.NONE);
      assertThat(sum.readyMicros()).isEqualTo(life.readySeconds(world.up) * 1_000_000);
      assertThat(sum.allocatedMicros()).isEqualTo(life.allocatedSeconds(world.up) * 1_000_000);
      assertThat(sum.sessions()).isEqualTo(life.allocated == null ? 0 : 1);
      assertThat(sum.cpuMicros()).isEqualTo(life.cpuMicros);
      assertThat(sum.requests()).isEqualTo(life.passed.requests());
      assertThat(sum.bytesIn()).isEqualTo(life.passed.bytesIn());
      assertThat(sum.bytesOut()).isEqualTo(life.passed.bytesOut());
    }
    assertThat(byPoolAndHour(each)).isEqualTo(byPoolAndHour(pools));
  }

  private static Map<String, UsageAmounts> byPoolAndHour(List<PoolHour> hours) {
    Map<String, UsageAmounts> sums = new HashMap<>();
    hours.forEach(
        hour -> sums.merge(hour.resourceId() + hour.hour(), hour.amounts(), UsageAmounts::plus));
    sums.values().removeIf(UsageAmounts.NONE::equals);
    return sums;
  }
}
