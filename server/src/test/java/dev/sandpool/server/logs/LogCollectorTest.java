package dev.sandpool.server.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SimulatedEngine;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.ledger.EndReason;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.ledger.Samples;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.VirtualTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines that are lost, told twice, or told of somebody else. */
class LogCollectorTest {
  private static final DataKey KEY = DataKey.of(new byte[32]);

  /** What simulated sandboxes stamp their lines with. */
  private static final Instant PRINTED = Instant.parse("2026-11-22T00:00:00Z");

  @TempDir private Path folder;
  private final SimulatedHost host = new SimulatedHost();
  private final SimulatedEngine engine = new SimulatedEngine(host);
  private final MemoryLedger truth = new MemoryLedger();
  private final VirtualTime time = new VirtualTime();
  private final PoolRecord pool = Samples.pool(1, 100);
  private @Nullable Server server;

  /** A collector over what the last one has left. */
  private final class Server {
    final LogCounters counters = new LogCounters();
    final LogFeed feed = new LogFeed(counters, time);
    final LogStore store;
    final Ledger ledger = new RecordedLedger(truth, feed);
    final LogCollector collector;

    Server() throws IOException {
      store =
          LogStore.open(
              folder, new LogStore.Bounds(Duration.ofDays(9999), 1 << 30, 1 << 30), counters);
      collector =
          new LogCollector(
              new LogCollector.Parts(
                  truth, engine.consoles(), store, feed, counters, new SessionHash(KEY), time));
      collector.adopt();
    }
  }

  @BeforeEach
  void begin() throws IOException {
    truth.putResource(
        new ResourceRecord(
            Samples.ENVIRONMENT,
            "Microsoft.App/managedEnvironments",
            "{\"location\":\"local\"}",
            "ann",
            Samples.NOW,
            "ann",
            Samples.NOW));
    truth.putPool(pool, Samples.document(pool));
    server = new Server();
  }

  private Server server() {
    return java.util.Objects.requireNonNull(server);
  }

  private SandboxId start(int number) throws Exception {
    SandboxId id = Samples.sandboxId(number);
    server()
        .ledger
        .recordStarting(
            new SandboxRecord(
                id,
                pool.desired().id(),
                number,
                NetworkStatus.EGRESS_DISABLED,
                1 << 20,
                8080,
                null,
                SandboxState.STARTING,
                null,
                null,
                time.now(),
                null,
                null,
                null,
                null,
                null));
    engine.start(
        new SandboxSpec(
            id,
            number,
            "sha256:0123",
            List.of(),
            List.of(),
            Map.of(),
            1,
            1 << 20,
            8080,
            NetworkStatus.EGRESS_DISABLED));
    return id;
  }

  private void end(SandboxId id) throws Exception {
    server().ledger.markStopping(id, EndReason.IDLE, time.now());
    engine.stop(id, Duration.ZERO);
    server().ledger.markGone(id, time.now());
  }

  private record Stored(LogOrigin origin, LogRow row) {}

  private List<Stored> rows(LogTable table) throws IOException {
    List<Stored> rows = new ArrayList<>();
    for (PoolLog log : server().store.pool(pool.id())) {
      log.table(table)
          .scan(
              Long.MIN_VALUE + 1,
              Long.MAX_VALUE - 1,
              block -> {
                block.rows().forEach(row -> rows.add(new Stored(block.origin(), row)));
                return true;
              });
    }
    return rows;
  }

  private List<String> lines(SandboxId id) throws IOException {
    return rows(LogTable.CONSOLE).stream()
        .filter(it -> it.origin().pod().equals(id.toString()))
        .map(it -> it.row().string())
        .filter(text -> text.startsWith("line"))
        .toList();
  }

  @Test
  void whatWasPrintedJustBeforeAnEndIsCollectedAfterItAndTheConsoleReleased() throws Exception {
    SandboxId id = start(1);
    host.print(id, "line 1");
    server().collector.round();
    host.print(id, "line 2");
    end(id);
    assertThat(engine.consoles().ended()).contains(id);
    server().collector.round();
    server().collector.round();

    assertThat(lines(id)).containsExactly("line 1", "line 2");
    assertThat(engine.consoles().ended()).isEmpty();
    assertThat(server().store.reached()).isEmpty();
  }

  @Test
  void aServerThatIsKilledAtAnyMomentLosesNoLineAndTellsNoneTwice() throws Exception {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    Map<SandboxId, Integer> printed = new java.util.TreeMap<>();
    for (int step = 0; step < 400; step++) {
      switch (random.nextInt(8)) {
        case 0 -> {
          if (printed.size() < 30) {
            printed.put(start(printed.size() + 1), 0);
          }
        }
        case 1 -> server = new Server();
        case 2, 3 -> server().collector.round();
        case 4 -> {
          List<SandboxId> living =
              printed.keySet().stream().filter(id -> host.specOf(id).isPresent()).toList();
          if (living.size() > 3) {
            end(living.get(random.nextInt(living.size())));
          }
        }
        default -> {
          for (SandboxId id : List.copyOf(printed.keySet())) {
            if (host.specOf(id).isPresent()) {
              host.print(id, "line " + printed.merge(id, 1, Integer::sum));
            }
          }
        }
      }
    }
    server = new Server();
    for (SandboxId id : printed.keySet()) {
      if (host.specOf(id).isPresent()) {
        end(id);
      }
    }
    server().collector.round();
    server().collector.round();
    for (Map.Entry<SandboxId, Integer> it : printed.entrySet()) {
      List<String> all = new ArrayList<>();
      for (int i = 1; i <= it.getValue(); i++) {
        all.add("line " + i);
      }
      assertThat(lines(it.getKey())).as("seed %d", seed).isEqualTo(all);
      assertThat(rows(LogTable.LIFECYCLE))
          .as("seed %d", seed)
          .filteredOn(row -> row.origin().pod().equals(it.getKey().toString()))
          .extracting(row -> row.row().operation())
          .containsExactly(LogOperation.CREATED, LogOperation.IDLE, LogOperation.STOPPED);
    }
    assertThat(engine.consoles().ended()).as("seed %d", seed).isEmpty();
  }

  @Test
  void linesAreOfTheSessionFromItsBeginningOnAndTheIdentifierIsNowhere() throws Exception {
    SandboxId before = start(1);
    server().ledger.markReady(before, "127.0.0.1", time.now());
    host.print(before, "line of nobody");
    // After the time that the line above is stamped with.
    time.step(Duration.between(time.now(), PRINTED.plusSeconds(60)));
    server().ledger.claim(new SessionKey(pool.id(), "secret-name"), time.now());
    server().collector.round();
    SandboxId after = start(2);
    server().ledger.markReady(after, "127.0.0.1", time.now());
    time.step(Duration.ofDays(-300));
    server().ledger.claim(new SessionKey(pool.id(), "other-name"), time.now());
    host.print(after, "line of a session");
    server().collector.round();

    String hash = new SessionHash(KEY).of(pool.id(), "other-name");
    assertThat(rows(LogTable.CONSOLE))
        .filteredOn(it -> it.row().string().startsWith("line"))
        .extracting(it -> it.origin().session())
        .containsExactly("", hash);
    assertThat(rows(LogTable.LIFECYCLE))
        .noneMatch(it -> it.row().string().contains("name"))
        .filteredOn(it -> it.row().operation() == LogOperation.ALLOCATED)
        .extracting(it -> it.origin().session())
        .containsExactly(new SessionHash(KEY).of(pool.id(), "secret-name"), hash);
  }

  @Test
  void aLifeIsToldStepByStepWithItsReason() throws Exception {
    SandboxId id = start(1);
    server().ledger.markReady(id, "127.0.0.1", time.now());
    server().ledger.claim(new SessionKey(pool.id(), "name"), time.now());
    end(id);
    server().collector.round();
    assertThat(rows(LogTable.LIFECYCLE))
        .extracting(it -> it.row().operation())
        .containsExactly(
            LogOperation.CREATED,
            LogOperation.READY,
            LogOperation.ALLOCATED,
            LogOperation.IDLE,
            LogOperation.STOPPED);
  }

  @Test
  void stepsThatWereNotToldBecauseTheServerWasKilledAreToldOnceByTheNext() throws Exception {
    SandboxId id = start(1);
    server().collector.round();
    server().ledger.markReady(id, "127.0.0.1", time.now());
    server().ledger.claim(new SessionKey(pool.id(), "name"), time.now());
    server = new Server();
    server().ledger.markStopping(id, EndReason.IDLE, time.now());
    server = new Server();
    server().collector.round();
    engine.stop(id, Duration.ZERO);
    server().ledger.markGone(id, time.now());
    server = new Server();
    server().collector.round();
    server = new Server();
    server().collector.round();

    assertThat(rows(LogTable.LIFECYCLE))
        .extracting(it -> it.row().operation())
        .containsExactly(
            LogOperation.CREATED,
            LogOperation.READY,
            LogOperation.ALLOCATED,
            LogOperation.IDLE,
            LogOperation.STOPPED);
    assertThat(server().counters.counts()).containsEntry("consoles-of-nobody", 0L);
  }

  @Test
  void aConsoleThatIsNobodysIsThrownAwayAndCounted() throws Exception {
    engine.start(
        new SandboxSpec(
            Samples.sandboxId(9),
            9,
            "sha256:0123",
            List.of(),
            List.of(),
            Map.of(),
            1,
            1 << 20,
            8080,
            NetworkStatus.EGRESS_DISABLED));
    engine.stop(Samples.sandboxId(9), Duration.ZERO);
    server = new Server();
    assertThat(engine.consoles().ended()).isEmpty();
    assertThat(server().counters.counts()).containsEntry("consoles-of-nobody", 1L);
  }
}
