package dev.sandpool.server.export;

import dev.sandpool.model.Json;
import dev.sandpool.model.PoolId;
import dev.sandpool.server.logs.LogBlock;
import dev.sandpool.server.logs.LogCounters;
import dev.sandpool.server.logs.LogOperation;
import dev.sandpool.server.logs.LogOrigin;
import dev.sandpool.server.logs.LogPlace;
import dev.sandpool.server.logs.LogRow;
import dev.sandpool.server.logs.LogStore;
import dev.sandpool.server.logs.LogTable;
import dev.sandpool.server.logs.LogTap;
import dev.sandpool.server.metrics.Metrics;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;

/** A store of rows, exporters of it with short pauses, and what receivers got decoded. */
final class LogsFixture {
  static final PoolId POOL = new PoolId("aaaaaaaaaa");
  static final LogPlace PLACE = place(POOL, "my-pool");
  static final LogOrigin ORIGIN = new LogOrigin("abcdefgh", "my-pool--r1", "0123hash");
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path folder;
  private final LogStore store;
  private final LogTap tap;
  final Metrics metrics = new Metrics();

  LogsFixture(Path folder) throws IOException {
    this.folder = folder;
    this.store =
        LogStore.open(
            folder.resolve("logs"),
            new LogStore.Bounds(Duration.ofDays(9999), 1 << 30, 1 << 30),
            new LogCounters());
    this.tap = new LogTap(store);
  }

  static LogPlace place(PoolId id, String name) {
    String group = "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/my-group";
    return new LogPlace(
        "aaaaaaaa-0000-4000-8000-000000000001",
        id,
        name,
        group + "/providers/Microsoft.App/sessionPools/" + name,
        group + "/providers/Microsoft.App/managedEnvironments/my-env",
        "eastasia");
  }

  static LogRow row(long micros, LogOperation operation, String text) {
    return new LogRow(micros, operation, text.getBytes(StandardCharsets.UTF_8));
  }

  LogStore store() {
    return store;
  }

  LogTap tap() {
    return tap;
  }

  void add(LogPlace place, LogTable table, LogRow... rows) throws IOException {
    store.append(place, table, List.of(new LogBlock(ORIGIN, List.of(rows), null, false)));
  }

  /** One row of standard output that is a number. */
  void number(int number) throws IOException {
    add(PLACE, LogTable.CONSOLE, row(1_000_000L + number, LogOperation.STDOUT, "" + number));
  }

  LogExporter otlp(FakeReceiver to, Duration deadline) throws IOException {
    return exporter("otlp-logs", to.settings(), Otlp.LOGS.path(), Otlp.LOGS, deadline);
  }

  LogExporter otlp(FakeReceiver to) throws IOException {
    return otlp(to, PATIENCE);
  }

  LogExporter loki(FakeReceiver to) throws IOException {
    return exporter("loki", to.settings(), Loki.PATH, new Loki(), PATIENCE);
  }

  LogExporter exporter(
      String name, ReceiverSettings to, String path, Protocol protocol, Duration deadline)
      throws IOException {
    var meters = metrics.exporter(name);
    LogQueue queue =
        LogQueue.open(tap, new LogCursors(folder.resolve(name + ".json")), _ -> meters.gap());
    return new LogExporter(
        name,
        new LogExporter.Parts(
            tap,
            queue,
            protocol instanceof Loki ? new LokiLogs() : new OtlpLogs("node-1"),
            Receiver.open(to, path, protocol, deadline),
            new Pauses(Duration.ofMillis(20), Duration.ofMillis(200), new Random(1)),
            meters));
  }

  /** A line of what {@code /metrics} shows, without its name. */
  String shown(String series) {
    var text = new ByteArrayOutputStream();
    try {
      metrics.write(text, metrics.writer("text/plain"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString(StandardCharsets.UTF_8)
        .lines()
        .filter(it -> it.startsWith(series + " "))
        .map(it -> it.substring(series.length() + 1))
        .findFirst()
        .orElse("absent");
  }

  static ExportLogsServiceRequest logs(FakeReceiver.Request request) {
    try {
      return ExportLogsServiceRequest.parseFrom(request.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All records that were taken, in the order in which they came. */
  static List<LogRecord> records(FakeReceiver receiver) {
    List<LogRecord> records = new ArrayList<>();
    for (FakeReceiver.Request request : receiver.taken()) {
      logs(request)
          .getResourceLogsList()
          .forEach(
              resource ->
                  resource
                      .getScopeLogsList()
                      .forEach(scope -> records.addAll(scope.getLogRecordsList())));
    }
    return records;
  }

  static List<Integer> numbers(FakeReceiver receiver) {
    return records(receiver).stream()
        .map(it -> Integer.parseInt(it.getBody().getStringValue()))
        .toList();
  }

  /** All streams that Loki was pushed. */
  static List<JsonNode> streams(FakeReceiver receiver) {
    List<JsonNode> streams = new ArrayList<>();
    for (FakeReceiver.Request request : receiver.taken()) {
      Json.MAPPER.readTree(request.body()).path("streams").forEach(streams::add);
    }
    return streams;
  }
}
