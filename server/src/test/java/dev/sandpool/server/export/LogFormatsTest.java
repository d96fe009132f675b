package dev.sandpool.server.export;

import static dev.sandpool.server.export.LogsFixture.PATIENCE;
import static dev.sandpool.server.export.LogsFixture.PLACE;
import static dev.sandpool.server.export.LogsFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.Json;
import dev.sandpool.model.PoolId;
import dev.sandpool.server.logs.LogBlock;
import dev.sandpool.server.logs.LogOperation;
import dev.sandpool.server.logs.LogRow;
import dev.sandpool.server.logs.LogTable;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Receivers see whose a row is and when it was, and cannot be made to index by sandbox. */
class LogFormatsTest {
  @TempDir private Path folder;
  private LogsFixture logs;

  @BeforeEach
  void open() throws Exception {
    logs = new LogsFixture(folder);
  }

  private static Map<String, String> texts(List<KeyValue> attributes) {
    Map<String, String> texts = new HashMap<>();
    attributes.forEach(it -> texts.put(it.getKey(), it.getValue().getStringValue()));
    return texts;
  }

  private static LogRecord only(FakeReceiver receiver) {
    List<LogRecord> records = LogsFixture.records(receiver);
    assertThat(records).hasSize(1);
    return records.getFirst();
  }

  @Test
  void otlpTellsWhoseARowIs() throws Exception {
    try (var receiver = new FakeReceiver()) {
      logs.add(PLACE, LogTable.CONSOLE, row(1_700_000_000_123_456L, LogOperation.STDERR, "oops"));
      try (LogExporter exporter = logs.otlp(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> !receiver.taken().isEmpty());
      }
      FakeReceiver.Request request = receiver.taken().getFirst();
      assertThat(request.path()).isEqualTo("/v1/logs");
      assertThat(request.headers())
          .containsEntry("content-type", "application/x-protobuf")
          .containsEntry("content-encoding", "gzip");
      ResourceLogs resource = LogsFixture.logs(request).getResourceLogs(0);
      assertThat(texts(resource.getResource().getAttributesList()))
          .containsEntry("service.name", "my-pool")
          .containsEntry("service.namespace", "my-group")
          .containsEntry("host.name", "node-1")
          .containsEntry("cloud.resource_id", PLACE.poolResourceId())
          .containsEntry("sandpool.workspace.id", PLACE.workspace());
      assertThat(resource.getScopeLogs(0).getScope().getName()).isEqualTo("sandpool.logs.console");
      LogRecord record = only(receiver);
      assertThat(record.getBody().getStringValue()).isEqualTo("oops");
      assertThat(record.getTimeUnixNano()).isEqualTo(1_700_000_000_123_456_000L);
      assertThat(record.getSeverityNumber()).isEqualTo(SeverityNumber.SEVERITY_NUMBER_ERROR);
      assertThat(texts(record.getAttributesList()))
          .containsEntry("log.iostream", "stderr")
          .containsEntry("sandpool.sandbox", "abcdefgh")
          .containsEntry("sandpool.revision", "my-pool--r1")
          .containsEntry("sandpool.session.hash", "0123hash");
    }
  }

  @Test
  void otlpNamesWhatHappened() throws Exception {
    try (var receiver = new FakeReceiver()) {
      logs.add(PLACE, LogTable.LIFECYCLE, row(5, LogOperation.FAILED, "exit code 3"));
      try (LogExporter exporter = logs.otlp(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> !receiver.taken().isEmpty());
      }
      assertThat(only(receiver).getEventName()).isEqualTo("sandpool.Failed");
      assertThat(texts(only(receiver).getAttributesList())).doesNotContainKey("log.iostream");
    }
  }

  @Test
  void whatIsNotUtf8IsHandedOnWithReplacements() throws Exception {
    try (var receiver = new FakeReceiver()) {
      byte[] bytes = {'a', (byte) 0xff, 0, 'b'};
      logs.add(PLACE, LogTable.CONSOLE, new LogRow(1, LogOperation.STDOUT, bytes));
      try (LogExporter otlp = logs.otlp(receiver);
          LogExporter loki = logs.loki(receiver)) {
        assertThat(otlp).isNotSameAs(loki);
        await().atMost(PATIENCE).until(() -> receiver.taken().size() == 2);
      }
      for (FakeReceiver.Request it : receiver.taken()) {
        String line =
            it.path().equals("/v1/logs")
                ? LogsFixture.logs(it)
                    .getResourceLogs(0)
                    .getScopeLogs(0)
                    .getLogRecords(0)
                    .getBody()
                    .getStringValue()
                : Json.MAPPER.readTree(it.body()).at("/streams/0/values/0/1").asString();
        assertThat(line).isEqualTo("a\ufffd\0b");
      }
    }
  }

  @Test
  void lokisStreamsAreAsManyAsPoolsAndNotAsSandboxes() throws Exception {
    try (var receiver = new FakeReceiver()) {
      logs.add(
          PLACE,
          LogTable.CONSOLE,
          row(20, LogOperation.STDOUT, "later"),
          row(10, LogOperation.STDOUT, "sooner"),
          row(15, LogOperation.STDERR, "{\"json\": \"stays \\\"text\\\"\"}"));
      logs.add(
          LogsFixture.place(new PoolId("bbbbbbbbbb"), "other-pool"),
          LogTable.POOL,
          row(1, LogOperation.REFILL, "refilled"));
      try (LogExporter exporter = logs.loki(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> LogsFixture.streams(receiver).size() == 3);
      }
      assertThat(receiver.taken().getFirst().path()).isEqualTo("/loki/api/v1/push");
      Map<String, JsonNode> byPlace = new HashMap<>();
      for (JsonNode it : LogsFixture.streams(receiver)) {
        JsonNode labels = it.path("stream");
        assertThat(labels.propertyNames())
            .isSubsetOf(
                "service_name", "pool", "subscription", "resource_group", "table", "stream");
        byPlace.put(
            labels.path("pool").asString() + " " + labels.path("stream").asString("none"), it);
      }
      assertThat(byPlace.keySet())
          .containsExactlyInAnyOrder("my-pool stdout", "my-pool stderr", "other-pool none");
      JsonNode stdout =
          byPlace.getOrDefault("my-pool stdout", Json.MAPPER.nullNode()).path("values");
      assertThat(stdout.path(0).path(0).asString()).isEqualTo("10000");
      assertThat(stdout.path(0).path(1).asString()).isEqualTo("sooner");
      assertThat(stdout.path(1).path(1).asString()).isEqualTo("later");
      assertThat(stdout.path(0).path(2).path("sandbox").asString()).isEqualTo("abcdefgh");
      assertThat(stdout.path(0).path(2).path("session_hash").asString()).isEqualTo("0123hash");
      assertThat(
              byPlace
                  .getOrDefault("my-pool stderr", Json.MAPPER.nullNode())
                  .at("/values/0/1")
                  .asString())
          .isEqualTo("{\"json\": \"stays \\\"text\\\"\"}");
    }
  }

  @Test
  void equalRowsOfOneMomentStayTwoAndInOrder() throws Exception {
    var block =
        new LogBlock(
            LogsFixture.ORIGIN,
            List.of(
                row(7, LogOperation.STDOUT, "same"),
                row(8, LogOperation.STDOUT, "other"),
                row(7, LogOperation.STDOUT, "same")),
            null,
            false);
    assertThat(LogNanos.of(block)).containsExactly(7000, 8000, 7001);
  }

  @Test
  void secretHeadersAreReadAnewForEachRequestAndNeverTold() throws Exception {
    Path file = folder.resolve("headers");
    Files.writeString(file, "# for the collector\n\nAuthorization: Bearer one\n");
    try (var receiver = new FakeReceiver()) {
      var settings =
          new ReceiverSettings(
              receiver.url(), Map.of("X-Scope-OrgID", "team"), Optional.of(file), Optional.empty());
      logs.number(1);
      try (LogExporter exporter =
          logs.exporter("loki", settings, Loki.PATH, new Loki(), PATIENCE)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> receiver.taken().size() == 1);
        Files.writeString(file, "Authorization: Bearer two\n");
        logs.number(2);
        await().atMost(PATIENCE).until(() -> receiver.taken().size() == 2);
      }
      assertThat(receiver.taken().get(0).headers())
          .containsEntry("authorization", "Bearer one")
          .containsEntry("x-scope-orgid", "team");
      assertThat(receiver.taken().get(1).headers()).containsEntry("authorization", "Bearer two");
      Files.write(file, "A: b\nBearer s3cret".getBytes(StandardCharsets.UTF_8));
      assertThat(catchThrowable(() -> HeadersFile.read(file)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("line 2")
          .hasMessageNotContaining("s3cret");
    }
  }
}
