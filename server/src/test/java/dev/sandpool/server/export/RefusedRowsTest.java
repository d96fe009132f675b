package dev.sandpool.server.export;

import static dev.sandpool.server.export.LogsFixture.PATIENCE;
import static dev.sandpool.server.export.LogsFixture.PLACE;
import static dev.sandpool.server.export.LogsFixture.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.export.FakeReceiver.Reply;
import dev.sandpool.server.logs.LogOperation;
import dev.sandpool.server.logs.LogTable;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsPartialSuccess;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that a receiver will never take are counted, and do not hold up the others. */
class RefusedRowsTest {
  @TempDir private Path folder;
  private LogsFixture logs;

  @BeforeEach
  void open() throws Exception {
    logs = new LogsFixture(folder);
  }

  private String items(String exporter, String outcome) {
    return logs.shown(
        "sandpool_export_items_total{exporter=\"%s\",outcome=\"%s\"}".formatted(exporter, outcome));
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 405, 500, 501})
  void whatOtlpForbidsToSendAgainIsSentOnce(int status) throws Exception {
    try (var receiver = new FakeReceiver()) {
      receiver.answers(_ -> Reply.of(status));
      logs.number(0);
      try (LogExporter exporter = logs.otlp(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> items("otlp-logs", "refused"), "1.0"::equals);
        receiver.answers(_ -> Reply.OK);
        logs.number(1);
        await().atMost(PATIENCE).until(() -> items("otlp-logs", "delivered"), "1.0"::equals);
      }
      assertThat(numbers(receiver)).containsExactly(1);
      assertThat(receiver.seen()).hasSize(2);
    }
  }

  @Test
  void whatOtlpTakesInPartIsNotSentAgain() throws Exception {
    byte[] partial =
        ExportLogsServiceResponse.newBuilder()
            .setPartialSuccess(
                ExportLogsPartialSuccess.newBuilder()
                    .setRejectedLogRecords(2)
                    .setErrorMessage("too old"))
            .build()
            .toByteArray();
    try (var receiver = new FakeReceiver()) {
      receiver.answers(_ -> new Reply(200, "Content-Type", "application/x-protobuf", partial));
      for (int i = 0; i < 5; i++) {
        logs.number(i);
      }
      try (LogExporter exporter = logs.otlp(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> items("otlp-logs", "refused"), "2.0"::equals);
      }
      assertThat(receiver.seen()).hasSize(1);
      assertThat(items("otlp-logs", "delivered")).isEqualTo("3.0");
    }
  }

  @Test
  void whatLokiFindsTooOldIsCountedAndTheRestIsTaken() throws Exception {
    String says =
        "entry with timestamp 2026-11-29 10:00:00 +0000 UTC ignored, reason: 'entry too far"
            + " behind',\nuser 'fake', total ignored: 1 out of 3 for stream: {pool=\"my-pool\"}";
    try (var receiver = new FakeReceiver()) {
      receiver.answers(
          _ -> new Reply(400, "Content-Type", "text/plain", says.getBytes(StandardCharsets.UTF_8)));
      for (int i = 0; i < 3; i++) {
        logs.number(i);
      }
      try (LogExporter exporter = logs.loki(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> items("loki", "refused"), "1.0"::equals);
        assertThat(items("loki", "delivered")).isEqualTo("2.0");
        receiver.answers(_ -> new Reply(400, "", "", new byte[0]));
        logs.number(3);
        await().atMost(PATIENCE).until(() -> items("loki", "refused"), "2.0"::equals);
      }
      assertThat(receiver.seen()).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 503})
  void whatLokiCannotTakeNowIsSentAgain(int status) throws Exception {
    try (var receiver = new FakeReceiver()) {
      receiver.answers(_ -> Reply.of(status));
      logs.number(0);
      try (LogExporter exporter = logs.loki(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> receiver.seen().size() >= 2);
        receiver.answers(_ -> Reply.of(204));
        await().atMost(PATIENCE).until(() -> items("loki", "delivered"), "1.0"::equals);
      }
      assertThat(LogsFixture.streams(receiver)).hasSize(1);
    }
  }

  @Test
  void aReceiverThatWantsLessAtOnceGetsLess() throws Exception {
    try (var receiver = new FakeReceiver()) {
      receiver.answers(request -> Reply.of(request.body().length > 100_000 ? 413 : 200));
      for (int i = 0; i < 40; i++) {
        String text = "x".repeat(20_000);
        logs.add(PLACE, LogTable.CONSOLE, LogsFixture.row(i, LogOperation.STDOUT, text));
      }
      try (LogExporter exporter = logs.otlp(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> items("otlp-logs", "delivered"), "40.0"::equals);
      }
      assertThat(items("otlp-logs", "refused")).isEqualTo("0.0");
      assertThat(LogsFixture.records(receiver)).hasSize(40);
    }
  }

  @Test
  void aRowThatIsTooLargeForTheReceiverIsLeftOutAlone() throws Exception {
    try (var receiver = new FakeReceiver()) {
      receiver.answers(request -> Reply.of(request.body().length > 10_000 ? 413 : 200));
      logs.number(0);
      String text = "x".repeat(30_000);
      logs.add(PLACE, LogTable.CONSOLE, LogsFixture.row(1, LogOperation.STDOUT, text));
      logs.number(2);
      try (LogExporter exporter = logs.otlp(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> items("otlp-logs", "delivered"), "2.0"::equals);
      }
      assertThat(items("otlp-logs", "refused")).isEqualTo("1.0");
    }
  }
}
