package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.server.engine.SimulatedEngine;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Samples;
import dev.sandpool.server.ledger.sqlite.SqliteLedger;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.Time;
import dev.sandpool.server.usage.UsageMeter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the JVM's flight recorder sees of waiting, locking, reading and writing while requests are
 * served and metered: metering does that on its own thread, and never on an event loop.
 */
class MeteringBesideRequestsTest {
  private static final int REQUESTS = 500;
  private static final List<String> WAITS =
      List.of(
          "jdk.JavaMonitorEnter",
          "jdk.JavaMonitorWait",
          "jdk.ThreadPark",
          "jdk.FileRead",
          "jdk.FileWrite",
          "jdk.FileForce",
          "jdk.SocketRead",
          "jdk.SocketWrite");

  @TempDir private Path directory = Path.of("set by JUnit");

  @Test
  void noEventLoopLocksReadsWritesOrWaitsBecauseOfMetering() throws Exception {
    Path file = directory.resolve("recording.jfr");
    try (var recording = new Recording()) {
      for (String event : WAITS) {
        recording.enable(event).withoutThreshold().withStackTrace();
      }
      recording.start();
      serveAndMeter();
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> metering =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> WAITS.contains(event.getEventType().getName()))
            .filter(MeteringBesideRequestsTest::meters)
            .toList();
    assertThat(metering)
        .as("the recorder sees who waits for metering")
        .anyMatch(event -> thread(event).equals("meter"));
    assertThat(metering)
        .as("and that no event loop does")
        .noneMatch(event -> thread(event).contains("eventloop"));
  }

  private void serveAndMeter() throws Exception {
    var over = new AtomicBoolean();
    PoolRecord pool = Samples.pool(1, 10);
    try (var bed = new GatewayBed();
        var ledger = SqliteLedger.open(directory.resolve("ledger.db"), DataKey.of(new byte[32]));
        var meter =
            new UsageMeter(
                ledger,
                new SimulatedEngine(),
                bed.traffic,
                new UsageMeter.Retention(Duration.ofDays(1), Duration.ofDays(1)),
                Time.system())) {
      ledger.putPool(pool, Samples.document(pool));
      ledger.recordStarting(
          Samples.starting(1, pool.desired().id(), NetworkStatus.EGRESS_DISABLED));
      Thread sampling = Thread.ofPlatform().name("meter").start(() -> sample(meter, over));
      try {
        ask(bed);
      } finally {
        over.set(true);
        sampling.join();
      }
      meter.sample();
      assertThat(ledger.usage(Instant.EPOCH, Instant.now().plusSeconds(3600), Duration.ofHours(1)))
          .as("metered meanwhile")
          .extracting(hour -> hour.amounts().requests(), hour -> hour.amounts().bytesOut())
          .containsExactly(tuple((long) REQUESTS, 2L * REQUESTS));
    }
  }

  private static void sample(UsageMeter meter, AtomicBoolean over) {
    while (!over.get()) {
      meter.sample();
    }
  }

  private static void ask(GatewayBed bed) throws IOException {
    bed.sandbox("ok");
    RawCaller caller = bed.call();
    for (int i = 0; i < REQUESTS; i++) {
      caller.send(GatewayBed.request("GET", "/?identifier=abcd", ""));
      assertThat(caller.receive().body()).isEqualTo("ok");
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .as("event loops are known by their name")
        .anyMatch(thread -> thread.getName().contains("eventloop"));
  }

  private static boolean meters(RecordedEvent event) {
    var stack = event.getStackTrace();
    return stack != null
        && stack.getFrames().stream()
            .map(frame -> frame.getMethod().getType().getName())
            .anyMatch(
                name ->
                    name.startsWith("dev.sandpool.server.usage.")
                        || name.startsWith("dev.sandpool.server.gateway.Traffic")
                        || name.startsWith("dev.sandpool.server.metrics."));
  }

  private static String thread(RecordedEvent event) {
    var thread = event.getThread("eventThread");
    String name = thread == null ? null : thread.getJavaName();
    return name == null ? "" : name;
  }
}
