package dev.sandpool.server.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.server.engine.SandboxStopException;
import dev.sandpool.server.engine.SandboxUse;
import dev.sandpool.server.engine.SimulatedEngine;
import dev.sandpool.server.ledger.ClaimMark;
import dev.sandpool.server.ledger.PoolHour;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Samples;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.Traffic;
import dev.sandpool.server.ledger.UsageAmounts;
import dev.sandpool.server.ledger.sqlite.SqliteLedger;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.Uptime;
import dev.sandpool.server.time.VirtualTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageMeterTest {
  private static final Duration YEAR = Duration.ofDays(365);

  @TempDir private Path directory = Path.of("set by JUnit");

  private final VirtualTime time = new VirtualTime();
  private final SimulatedEngine engine = new SimulatedEngine();
  private String boot = "boot";
  private final Passing traffic = new Passing();
  private final PoolRecord pool = Samples.pool(1, 5);
  private final SandboxRecord sandbox =
      Samples.starting(1, pool.desired().id(), NetworkStatus.EGRESS_DISABLED);

  /** What a gateway would say. */
  private static final class Passing implements Traffic.Source {
    private List<Traffic> now = List.of();
    private int noted;

    void has(Traffic passed) {
      now = List.of(passed);
    }

    @Override
    public List<Traffic> read() {
      return now;
    }

    @Override
    public void noted() {
      noted++;
    }
  }

  @SuppressWarnings("NullAway.Init") // set before each test
  private SqliteLedger ledger;

  @SuppressWarnings("NullAway.Init") // set before each test
  private UsageMeter meter;

  @BeforeEach
  void open() throws IOException {
    reopen();
    ledger.putPool(pool, Samples.document(pool));
    ledger.recordStarting(sandbox);
    ledger.markReady(sandbox.id(), "10.0.0.1", time.now());
  }

  @AfterEach
  void close() {
    meter.close();
    ledger.close();
  }

  private void reopen() throws IOException {
    var uptime =
        new Uptime() {
          @Override
          public String boot() {
            return boot;
          }

          @Override
          public long nanos() {
            return time.nanos();
          }
        };
    ledger =
        SqliteLedger.open(
            directory.resolve("ledger.db"),
            DataKey.of(new byte[32]),
            new SqliteLedger.Outside(ClaimMark.inMemory(), uptime, nanos -> {}));
    meter = new UsageMeter(ledger, engine, traffic, new UsageMeter.Retention(YEAR, YEAR), time);
  }

  private UsageAmounts sum() {
    return ledger.usage(Instant.EPOCH, time.now().plus(YEAR), Duration.ofHours(1)).stream()
        .map(PoolHour::amounts)
        .reduce(UsageAmounts.NONE, UsageAmounts::plus);
  }

  private void takes(long cpuSeconds, long mebibytes) {
    engine
        .host()
        .uses(List.of(new SandboxUse(sandbox.id(), cpuSeconds * 1_000_000_000, mebibytes << 20)));
  }

  @Test
  void processorTimeIsCountedOnceAndMemoryByTheTimeItWasHeld() {
    takes(3, 100);
    time.advance(Duration.ofSeconds(10));
    meter.sample();
    meter.sample();
    takes(5, 50);
    time.advance(Duration.ofSeconds(20));
    meter.sample();
    assertThat(sum().cpuMicros()).isEqualTo(5_000_000);
    assertThat(sum().usedMebibyteMillis()).isEqualTo((10 * 100 + 20 * 50) * 1_000L);
  }

  @Test
  void whatWasCountedBeforeAKillIsNotCountedAgainAfterIt() throws IOException {
    traffic.has(new Traffic(sandbox.id(), 7, 100, 200));
    takes(3, 100);
    meter.sample();
    ledger.close();
    // The gateway's meters begin anew with the process, the kernel's do not.
    traffic.has(new Traffic(sandbox.id(), 1, 10, 20));
    reopen();
    meter.sample();
    assertThat(sum().requests()).isEqualTo(8);
    assertThat(sum().bytesIn()).isEqualTo(110);
    assertThat(sum().bytesOut()).isEqualTo(220);
    assertThat(sum().cpuMicros()).isEqualTo(3_000_000);
  }

  @Test
  void trafficThatCouldNotBeNotedIsNotedTheNextTime() throws IOException {
    traffic.has(new Traffic(sandbox.id(), 7, 100, 200));
    SqliteLedger before = ledger;
    UsageMeter old = meter;
    before.close();
    old.sample();
    assertThat(traffic.noted).as("nothing may be forgotten").isZero();
    reopen();
    assertThat(sum().requests()).as("the ledger was closed").isZero();
    meter.sample();
    meter.sample();
    assertThat(sum().requests()).isEqualTo(7);
  }

  /** A session's last bytes come after it was closed, and its sandbox may be gone by then. */
  @Test
  void whatASandboxThatIsGoneHadForwardedLastIsCounted() {
    traffic.has(new Traffic(sandbox.id(), 7, 100, 200));
    meter.sample();
    ledger.markGone(sandbox.id(), time.now());
    traffic.has(new Traffic(sandbox.id(), 7, 150, 200));
    meter.sample();
    meter.sample();
    assertThat(sum().bytesIn()).isEqualTo(150);
    assertThat(sum().requests()).isEqualTo(7);
  }

  @Test
  void aSandboxHasItsOwnRowsWhichAreForgottenBeforeThoseOfItsPool() throws IOException {
    traffic.has(new Traffic(sandbox.id(), 7, 100, 200));
    takes(3, 100);
    meter.sample();
    List<PoolHour> own =
        ledger.usageOfSandboxes(Instant.EPOCH, time.now().plus(YEAR), Duration.ofDays(10_000));
    assertThat(own).singleElement().extracting(PoolHour::sandbox).isEqualTo(sandbox.id());
    assertThat(own.getFirst().amounts()).isEqualTo(sum());
    ledger.markGone(sandbox.id(), time.now());
    ledger.forgetSandboxUsage(time.now().plus(YEAR));
    assertThat(ledger.usageOfSandboxes(Instant.EPOCH, time.now().plus(YEAR), Duration.ofHours(1)))
        .isEmpty();
    assertThat(sum().requests()).isEqualTo(7);
  }

  @Test
  void aSandboxThatIsStoppedIsLookedAtOnceMoreBefore() throws SandboxStopException {
    takes(3, 100);
    time.advance(Duration.ofSeconds(1));
    ledger.markStopping(sandbox.id(), "enough", time.now());
    time.advance(Duration.ofSeconds(9));
    new MeteredEngine(engine, meter).stop(sandbox.id(), Duration.ZERO);
    assertThat(sum().cpuMicros()).isEqualTo(3_000_000);
    assertThat(sum().usedMebibyteMillis()).as("as long as it was reserved").isEqualTo(100 * 1_000L);
  }

  /** A power failure counts to the last moment at which the host was known to be up. */
  @Test
  void thatTheHostIsUpIsNotedAlsoWhileTheEngineIsAway() throws IOException {
    engine.host().usesCannotBeRead();
    time.advance(Duration.ofMinutes(10));
    meter.sample();
    ledger.close();
    boot = "another";
    reopen();
    ledger.markGone(sandbox.id(), time.now());
    assertThat(sum().readyMicros()).isEqualTo(600_000_000);
  }

  @Test
  void usageOutlivesItsPoolByTheRetention() {
    time.advance(Duration.ofMinutes(5));
    ledger.markGone(sandbox.id(), time.now());
    ledger.forget(List.of(sandbox.id()));
    ledger.deletePool(pool.id());
    assertThat(ledger.usage(Instant.EPOCH, time.now().plus(YEAR), Duration.ofHours(1)))
        .singleElement()
        .satisfies(
            hour -> {
              assertThat(hour.resourceId()).isEqualTo(pool.resourceId());
              assertThat(hour.amounts().readyMicros()).isEqualTo(300_000_000);
            });
    ledger.forgetUsage(time.now());
    assertThat(sum().readyMicros()).as("of this hour").isEqualTo(300_000_000);
    ledger.forgetUsage(time.now().plus(Duration.ofHours(1)));
    assertThat(sum()).isEqualTo(UsageAmounts.NONE);
  }
}
