package dev.sandpool.server.metrics;

import dev.sandpool.server.metrics.ServerMeters.Pull;
import dev.sandpool.server.metrics.ServerMeters.StartPhase;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The server's own meters as they stand, under the names that are part of the contract. */
final class ServerCollector implements MultiCollector {
  private final ServerMeters meters;
  private final Supplier<HostGauges> host;

  ServerCollector(ServerMeters meters, Supplier<HostGauges> host) {
    this.meters = meters;
    this.host = host;
  }

  @Override
  public MetricSnapshots collect() {
    HostGauges now = host.get();
    return new MetricSnapshots(
        List.<MetricSnapshot>of(
            histograms(
                "sandpool_sandbox_start_phase_seconds",
                "What starts of sandboxes spend their time with.",
                "phase",
                StartPhase.values(),
                meters::startPhase),
            histograms(
                "sandpool_image_pull_seconds",
                "Pulls of images, unpacking included.",
                "outcome",
                Pull.values(),
                meters::pull),
            histogram(
                "sandpool_ledger_commit_seconds",
                "A group of writes of the ledger.",
                meters.commits()),
            histogram(
                "sandpool_event_loop_lag_seconds",
                "How late timers of the gateway's event loops were.",
                meters.loopLag()),
            strayRequests(),
            byKind(
                "sandpool_lifecycle_events",
                "What befell sandboxes, ledger and host without the server's asking for it.",
                now.lifecycle().get()),
            byKind(
                "sandpool_logs",
                "Rows and bytes of logs that were stored, and what was not.",
                now.logs().get()),
            gauge("sandpool_slots_taken", "Network slots in use or resting.", now.slotsTaken()),
            gauge("sandpool_slots", "Network slots that there are.", now.slots()),
            gauge(
                "sandpool_host_memory_reserved_bytes",
                "Memory that sandboxes have reserved, overhead included.",
                now.memoryReserved()),
            gauge(
                "sandpool_host_memory_limit_bytes",
                "Memory that all sandboxes may reserve (limits.host.memory).",
                now.memory()),
            CounterSnapshot.builder()
                .name("sandpool_access_log_dropped")
                .help("Lines that the access log had no room for.")
                .dataPoint(count(now.accessLogDropped().getAsLong(), Labels.EMPTY))
                .build()));
  }

  private CounterSnapshot strayRequests() {
    var builder =
        CounterSnapshot.builder()
            .name("sandpool_stray_requests")
            .help("Requests refused before it was known whose session they may use.");
    for (int i = 3; i < PoolMeters.CLASSES; i++) {
      builder.dataPoint(count(meters.strayRequestsIn(i), Labels.of("class", (i + 1) + "xx")));
    }
    return builder.build();
  }

  private static CounterSnapshot byKind(String name, String help, Map<String, Long> counts) {
    var builder = CounterSnapshot.builder().name(name).help(help);
    counts.forEach((kind, count) -> builder.dataPoint(count(count, Labels.of("kind", kind))));
    return builder.build();
  }

  private static CounterDataPointSnapshot count(long count, Labels labels) {
    return new CounterDataPointSnapshot(count, labels, null, 0);
  }

  private static GaugeSnapshot gauge(String name, String help, LongSupplier value) {
    return GaugeSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(new GaugeDataPointSnapshot(value.getAsLong(), Labels.EMPTY, null))
        .build();
  }

  private static HistogramSnapshot histogram(String name, String help, Latency latency) {
    return HistogramSnapshot.builder()
        .name(name)
        .help(help)
        .unit(Unit.SECONDS)
        .dataPoint(PoolCollector.point(latency, Labels.EMPTY))
        .build();
  }

  private static <E extends Enum<E>> HistogramSnapshot histograms(
      String name, String help, String label, E[] words, Function<E, Latency> read) {
    var builder = HistogramSnapshot.builder().name(name).help(help).unit(Unit.SECONDS);
    for (E word : words) {
      Labels labels = Labels.of(label, word.name().toLowerCase(Locale.ROOT));
      builder.dataPoint(PoolCollector.point(read.apply(word), labels));
    }
    return builder.build();
  }
}
