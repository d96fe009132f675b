package dev.sandpool.server.export;

import static dev.sandpool.server.export.LogsFixture.PATIENCE;
import static dev.sandpool.server.export.LogsFixture.PLACE;
import static dev.sandpool.server.export.LogsFixture.numbers;
import static java.nio.file.StandardOpenOption.WRITE;
import static java.util.Comparator.naturalOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.export.FakeReceiver.Reply;
import dev.sandpool.server.logs.LogOperation;
import dev.sandpool.server.logs.LogRow;
import dev.sandpool.server.logs.LogTable;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No row is lost while a receiver is away, busy or silent, or while we are. */
class ReceiverAwayTest {
  private static final int ROWS = 4000;

  @TempDir private Path folder;
  private LogsFixture logs;

  @BeforeEach
  void open() throws Exception {
    logs = new LogsFixture(folder);
  }

  private static Set<Integer> upTo(int count) {
    return new HashSet<>(IntStream.range(0, count).boxed().toList());
  }

  private static void awaitAll(FakeReceiver receiver, int count) {
    await().atMost(PATIENCE).until(() -> new HashSet<>(numbers(receiver)).equals(upTo(count)));
  }

  private Thread writer(AtomicInteger written) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                for (int i = 0; i < ROWS; i++) {
                  logs.number(i);
                  written.incrementAndGet();
                  if (i % 20 == 0) {
                    Thread.sleep(1);
                  }
                }
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
  }

  @Test
  void aReceiverThatRestartsUnderLoadGetsEveryRowInOrder() throws Exception {
    var written = new AtomicInteger();
    try (var receiver = new FakeReceiver();
        LogExporter exporter = logs.otlp(receiver)) {
      assertThat(exporter).isNotNull();
      Thread writer = writer(written);
      await().atMost(PATIENCE).until(() -> !numbers(receiver).isEmpty());
      receiver.stop();
      await().atMost(PATIENCE).until(() -> written.get() == ROWS);
      receiver.start();
      awaitAll(receiver, ROWS);
      writer.join();
      assertFirstsAreInOrder(numbers(receiver));
      await().atMost(PATIENCE).until(() -> waiting(), "0.0"::equals);
    }
  }

  private static void assertFirstsAreInOrder(List<Integer> numbers) {
    assertThat(numbers.stream().distinct().toList()).isSorted();
  }

  @Test
  void aRestartOfOursSendsAgainNoMoreThanWhatWasUnderWayAndUnderTheSameName() throws Exception {
    var written = new AtomicInteger();
    try (var receiver = new FakeReceiver()) {
      // It takes the rows, and its answer is lost.
      receiver.answers(
          _ -> {
            Thread.sleep(Duration.ofHours(1));
            return Reply.OK;
          });
      Thread writer = writer(written);
      LogExporter first = logs.otlp(receiver);
      await().atMost(PATIENCE).until(() -> !receiver.seen().isEmpty());
      first.close();
      receiver.answers(_ -> Reply.OK);
      LogExporter second = logs.otlp(receiver);
      await().atMost(PATIENCE).until(() -> !numbers(receiver).isEmpty());
      second.close();
      try (LogExporter third = logs.otlp(receiver)) {
        assertThat(third).isNotNull();
        awaitAll(receiver, ROWS);
      }
      writer.join();
      Map<String, String> bodies = new LinkedHashMap<>();
      for (LogRecord it : LogsFixture.records(receiver)) {
        String uid = it.getAttributes(0).getValue().getStringValue();
        assertThat(it.getAttributes(0).getKey()).isEqualTo("log.record.uid");
        String before = bodies.put(uid, it.getBody().getStringValue());
        assertThat(before == null || before.equals(it.getBody().getStringValue())).isTrue();
      }
      assertThat(bodies).hasSize(ROWS);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 502, 503, 504, 401, 403, 404, 307})
  void whatMayBeSentAgainIsUntilItIsTaken(int status) throws Exception {
    try (var receiver = new FakeReceiver()) {
      receiver.answers(_ -> Reply.of(status));
      for (int i = 0; i < 10; i++) {
        logs.number(i);
      }
      try (LogExporter exporter = logs.otlp(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> receiver.seen().size() >= 3);
        receiver.answers(_ -> Reply.OK);
        awaitAll(receiver, 10);
      }
      assertThat(numbers(receiver)).hasSize(10);
      assertThat(logs.shown("sandpool_export_failures_total{exporter=\"otlp-logs\"}"))
          .isNotEqualTo("0.0");
    }
  }

  @Test
  void aPauseThatTheReceiverAsksForIsKept() throws Exception {
    try (var receiver = new FakeReceiver()) {
      receiver.answers(_ -> new Reply(429, "Retry-After", "1", new byte[0]));
      logs.number(0);
      long begin = System.nanoTime();
      try (LogExporter exporter = logs.otlp(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> receiver.seen().size() >= 2);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(1));
    }
  }

  @Test
  void aReceiverThatHangsIsAskedAgainAndHoldsUpNobodyWhoStores() throws Exception {
    try (var receiver = new FakeReceiver()) {
      receiver.answers(
          _ -> {
            Thread.sleep(Duration.ofHours(1));
            return Reply.OK;
          });
      try (LogExporter exporter = logs.otlp(receiver, Duration.ofMillis(200))) {
        assertThat(exporter).isNotNull();
        for (int i = 0; i < 50; i++) {
          logs.number(i);
        }
        await().atMost(PATIENCE).until(() -> receiver.seen().size() >= 2);
        receiver.answers(_ -> Reply.OK);
        awaitAll(receiver, 50);
      }
    }
  }

  @Test
  void whatIsDamagedInTheStoreIsCountedAndTheRestIsHandedOn() throws Exception {
    try (var receiver = new FakeReceiver()) {
      String megabyte = "x".repeat(1 << 20);
      for (int i = 10; i < 22; i++) {
        logs.add(
            PLACE,
            LogTable.CONSOLE,
            LogsFixture.row(1_000_000L + i, LogOperation.STDOUT, i + megabyte));
      }
      try (var files = Files.walk(folder);
          var first =
              FileChannel.open(
                  files.filter(it -> it.toString().endsWith(".seg")).min(naturalOrder()).get(),
                  WRITE)) {
        first.write(ByteBuffer.wrap(new byte[] {-1, -1, -1, -1}), 0);
      }
      try (LogExporter exporter = logs.otlp(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> waiting(), "0.0"::equals);
      }
      assertThat(LogsFixture.records(receiver))
          .extracting(it -> it.getBody().getStringValue().substring(0, 2))
          .isSubsetOf("18", "19", "20", "21")
          .endsWith("21");
      assertThat(gaps()).isEqualTo("1.0");
    }
  }

  @Test
  void whatBecameTooOldMeanwhileIsCountedAndTheRestIsHandedOn() throws Exception {
    try (var receiver = new FakeReceiver()) {
      logs.number(0);
      try (LogExporter exporter = logs.otlp(receiver)) {
        assertThat(exporter).isNotNull();
        awaitAll(receiver, 1);
        receiver.stop();
        logs.number(1);
        // Something that stays, so that the pool is not forgotten.
        long now = LogRow.micros(Instant.now());
        logs.add(PLACE, LogTable.POOL, LogsFixture.row(now, LogOperation.REFILL, "99"));
        logs.store().retain(Instant.now());
        logs.number(2);
        receiver.start();
        await().atMost(PATIENCE).until(() -> numbers(receiver).contains(2));
      }
      assertThat(numbers(receiver)).containsExactlyInAnyOrder(0, 2, 99);
      assertThat(gaps()).isEqualTo("1.0");
    }
  }

  @Test
  void aPoolOfWhichAllBecameTooOldIsCountedAndItsNextRowsAreHandedOn() throws Exception {
    try (var receiver = new FakeReceiver()) {
      logs.number(0);
      try (LogExporter exporter = logs.otlp(receiver)) {
        assertThat(exporter).isNotNull();
        awaitAll(receiver, 1);
        logs.store().retain(Instant.now());
        assertThat(logs.tap().sources()).isEmpty();
        logs.number(1);
        awaitAll(receiver, 2);
        String before = gaps();
        receiver.answers(_ -> Reply.of(503));
        logs.number(2);
        int seen = receiver.seen().size();
        await().atMost(PATIENCE).until(() -> receiver.seen().size() > seen);
        logs.store().retain(Instant.now());
        await().atMost(PATIENCE).until(() -> !gaps().equals(before));
        receiver.answers(_ -> Reply.OK);
        logs.number(3);
        await().atMost(PATIENCE).until(() -> numbers(receiver).contains(3));
      }
      assertThat(numbers(receiver)).containsExactly(0, 1, 3);
    }
  }

  @Test
  void whatWasHandedOnBeforeItBecameTooOldIsNoGap() throws Exception {
    try (var receiver = new FakeReceiver()) {
      long now = LogRow.micros(Instant.now());
      logs.add(PLACE, LogTable.POOL, LogsFixture.row(now, LogOperation.REFILL, "99"));
      logs.number(0);
      try (LogExporter exporter = logs.otlp(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> numbers(receiver).size() == 2);
        await().atMost(PATIENCE).until(() -> waiting(), "0.0"::equals);
        logs.store().retain(Instant.now());
        logs.number(1);
        await().atMost(PATIENCE).until(() -> numbers(receiver).contains(1));
      }
      assertThat(gaps()).isEqualTo("0.0");
    }
  }

  private String gaps() {
    return logs.shown("sandpool_export_gaps_total{exporter=\"otlp-logs\"}");
  }

  private String waiting() {
    return logs.shown("sandpool_export_waiting_bytes{exporter=\"otlp-logs\"}");
  }

  @Test
  void rowsThatWereStoredBeforeTheFirstStartAreHandedOnToo() throws Exception {
    try (var receiver = new FakeReceiver()) {
      for (int i = 0; i < 100; i++) {
        logs.number(i);
      }
      String delivered =
          "sandpool_export_items_total{exporter=\"otlp-logs\",outcome=\"delivered\"}";
      try (LogExporter exporter = logs.otlp(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> logs.shown(delivered), "100.0"::equals);
      }
      assertThat(numbers(receiver)).hasSize(100).isSorted();
    }
  }
}
