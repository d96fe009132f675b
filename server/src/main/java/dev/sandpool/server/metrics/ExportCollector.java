package dev.sandpool.server.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/** Exporters' meters as they stand; nothing where nothing is exported. */
final class ExportCollector implements MultiCollector {
  private final Map<String, ExportMeters> exporters;
  private final LongSupplier nowMicros;

  /**
   * @param exporters by name, from a closed list
   */
  ExportCollector(Map<String, ExportMeters> exporters, LongSupplier nowMicros) {
    this.exporters = exporters;
    this.nowMicros = nowMicros;
  }

  @Override
  public MetricSnapshots collect() {
    if (exporters.isEmpty()) {
      return MetricSnapshots.of();
    }
    long now = nowMicros.getAsLong();
    return new MetricSnapshots(
        List.<MetricSnapshot>of(
            items(),
            counter(
                "sandpool_export_gaps",
                "Times that rows became too old before they were handed on.",
                ExportMeters::gaps),
            counter(
                "sandpool_export_failures",
                "Requests that failed and were sent again.",
                ExportMeters::failures),
            gauge(
                "sandpool_export_waiting_bytes",
                "What is stored and has not been handed on.",
                ExportMeters::waitingBytes),
            gauge(
                "sandpool_export_lag_seconds",
                "The age of the oldest item that has not been handed on.",
                meters -> meters.lagSeconds(now))));
  }

  private CounterSnapshot items() {
    var builder =
        CounterSnapshot.builder()
            .name("sandpool_export_items")
            .help("Log rows, data points and spans, by what came of them.");
    exporters.forEach(
        (name, meters) -> {
          builder.dataPoint(count(meters.deliveredItems(), name, "delivered"));
          builder.dataPoint(count(meters.refusedItems(), name, "refused"));
          builder.dataPoint(count(meters.droppedItems(), name, "dropped"));
        });
    return builder.build();
  }

  private static CounterDataPointSnapshot count(long count, String exporter, String outcome) {
    return new CounterDataPointSnapshot(
        count, Labels.of("exporter", exporter, "outcome", outcome), null, 0);
  }

  private CounterSnapshot counter(String name, String help, ToDoubleFunction<ExportMeters> read) {
    var builder = CounterSnapshot.builder().name(name).help(help);
    exporters.forEach(
        (exporter, meters) ->
            builder.dataPoint(
                new CounterDataPointSnapshot(
                    read.applyAsDouble(meters), Labels.of("exporter", exporter), null, 0)));
    return builder.build();
  }

  private GaugeSnapshot gauge(String name, String help, ToDoubleFunction<ExportMeters> read) {
    var builder = GaugeSnapshot.builder().name(name).help(help);
    exporters.forEach(
        (exporter, meters) ->
            builder.dataPoint(
                new GaugeDataPointSnapshot(
                    read.applyAsDouble(meters), Labels.of("exporter", exporter), null)));
    return builder.build();
  }
}
