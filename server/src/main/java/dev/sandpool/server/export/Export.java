package dev.sandpool.server.export;

import dev.sandpool.server.export.ExportSettings.OtlpSettings;
import dev.sandpool.server.logs.LogTap;
import dev.sandpool.server.metrics.ExportMeters;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.time.Time;
import dev.sandpool.server.trace.SpanQueue;
import io.opentelemetry.proto.resource.v1.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The room as the server sees it: all exporters that the configuration asks for. */
public final class Export implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Export.class);
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

  /** What may wait of traces on the disk. */
  private static final long MOST_SPOOLED = 64L << 20;

  private final Path folder;
  private final Sources sources;
  private final Pauses pauses;
  private final Deque<AutoCloseable> exporters = new ArrayDeque<>();

  /** What is handed on. */
  public record Sources(LogTap logs, Metrics metrics, SpanQueue spans, Time time) {}

  private Export(Path folder, Sources sources, RandomGenerator random) {
    this.folder = folder;
    this.sources = sources;
    this.pauses = new Pauses(FIRST_PAUSE, LONGEST_PAUSE, random);
  }

  /**
   * Begins where the last run ended.
   *
   * @param folder where it is kept how far each receiver is
   * @throws IOException if that, or a receiver's authorities, cannot be read
   */
  public static Export start(
      ExportSettings settings, Path folder, Sources sources, RandomGenerator random)
      throws IOException {
    var export = new Export(folder, sources, random);
    boolean started = false;
    try {
      export.begin(settings);
      started = true;
      return export;
    } finally {
      if (!started) {
        export.close();
      }
    }
  }

  private void begin(ExportSettings settings) throws IOException {
    if (settings.otlp().isPresent()) {
      OtlpSettings otlp = settings.otlp().get();
      if (otlp.logs()) {
        var format = new OtlpLogs(settings.node().name());
        logs("otlp-logs", otlp.receiver(), Otlp.LOGS.path(), Otlp.LOGS, format);
      }
      if (otlp.traces()) {
        traces(otlp, settings.self());
      }
      if (otlp.metrics()) {
        metrics(otlp, settings.self());
      }
    }
    if (settings.loki().isPresent()) {
      logs("loki", settings.loki().get(), Loki.PATH, new Loki(), new LokiLogs());
    }
  }

  private void logs(
      String name, ReceiverSettings to, String path, Protocol protocol, LogFormat format)
      throws IOException {
    Files.createDirectories(folder);
    ExportMeters meters = sources.metrics.exporter(name);
    LogQueue queue =
        LogQueue.open(
            sources.logs,
            new LogCursors(folder.resolve(name + ".json")),
            source -> {
              meters.gap();
              log.warn(
                  "{}: rows of {} of pool {} became too old before they were handed on",
                  name,
                  source.table().title(),
                  source.pool());
            });
    Receiver receiver = Receiver.open(to, path, protocol, DEADLINE);
    exporters.push(
        new LogExporter(
            name, new LogExporter.Parts(sources.logs, queue, format, receiver, pauses, meters)));
    log.info("logs are handed on to {}", receiver);
  }

  private void traces(OtlpSettings otlp, Resource self) throws IOException {
    Spool spool = Spool.open(folder.resolve("traces"), MOST_SPOOLED);
    Receiver receiver = Receiver.open(otlp.receiver(), Otlp.TRACES.path(), Otlp.TRACES, DEADLINE);
    exporters.push(
        new TraceExporter(
            new TraceExporter.Parts(
                sources.spans,
                spool,
                new OtlpTraces(self),
                receiver,
                pauses,
                sources.metrics.exporter("otlp-traces"),
                sources.time)));
    log.info("traces are handed on to {}", receiver);
  }

  private void metrics(OtlpSettings otlp, Resource self) throws IOException {
    Receiver receiver = Receiver.open(otlp.receiver(), Otlp.METRICS.path(), Otlp.METRICS, DEADLINE);
    long begin = ChronoUnit.NANOS.between(Instant.EPOCH, sources.time.now());
    var parts =
        new MetricsExporter.Parts(
            sources.metrics,
            new OtlpMetrics(self, begin),
            receiver,
            sources.metrics.exporter("otlp-metrics"),
            sources.time);
    exporters.push(new MetricsExporter(parts, otlp.interval()));
    log.info("metrics are handed on to {}", receiver);
  }

  @Override
  public void close() {
    while (!exporters.isEmpty()) {
      try {
        exporters.pop().close();
      } catch (Exception e) {
        log.warn("an exporter did not close", e);
      }
    }
  }
}
