package dev.sandpool.server.metrics;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** All meters of the server: pools' come and go with them. Thread-safe. */
public final class Metrics {
  /** What is kept of pools' minutes where nobody says. */
  public static final Duration HISTORY = Duration.ofHours(6);

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final ServerMeters server = new ServerMeters();
  private final ConcurrentHashMap<PoolId, PoolCollector.Metered> pools = new ConcurrentHashMap<>();
  private final Map<String, ExportMeters> exporters = new ConcurrentSkipListMap<>();
  private final int minutesKept;
  private volatile HostGauges host = HostGauges.NONE;
  private volatile Runnable beforeReading = () -> {};

  /** Meters that keep pools' minutes for {@link #HISTORY}. */
  public Metrics() {
    this(HISTORY);
  }

  /**
   * @param history how long pools' minutes are kept, at least one
   */
  public Metrics(Duration history) {
    this.minutesKept = Math.toIntExact(Math.max(1, history.toMinutes()));
    registry.register(new PoolCollector(pools::values));
    registry.register(new ServerCollector(server, () -> host));
    registry.register(new ExportCollector(exporters, Metrics::nowMicros));
  }

  /** Measures this process as well: memory, garbage collections, threads, processor time. */
  public void measureProcess() {
    JvmMetrics.builder().register(registry);
  }

  /** Who knows the host's numbers. */
  public void host(HostGauges gauges) {
    this.host = gauges;
  }

  /** Run before each reading; may block. */
  public void beforeReading(Runnable action) {
    this.beforeReading = action;
  }

  /** How long pools' minutes are kept. */
  public Duration history() {
    return Duration.ofMinutes(minutesKept);
  }

  /** The server's own. */
  public ServerMeters server() {
    return server;
  }

  /** The meters of an exporter, made if there are none. */
  public ExportMeters exporter(String name) {
    return exporters.computeIfAbsent(name, _ -> new ExportMeters());
  }

  private static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /** The meters of a pool, made if there are none. */
  public PoolMeters pool(PoolId pool, ResourceId name) {
    return pools
        .computeIfAbsent(
            pool,
            id ->
                new PoolCollector.Metered(
                    Labels.of(
                        "pool",
                        name.name(),
                        "resource_group",
                        name.group(),
                        "subscription",
                        name.subscription()),
                    new PoolMeters(minutesKept)))
        .meters();
  }

  /** The meters of a pool that has some. */
  public Optional<PoolMeters> find(PoolId pool) {
    return Optional.ofNullable(pools.get(pool)).map(PoolCollector.Metered::meters);
  }

  /** Those that have meters. */
  public Collection<PoolId> pools() {
    return List.copyOf(pools.keySet());
  }

  /** The pool is no more: its meters are shown no more. */
  public void forget(PoolId pool) {
    pools.remove(pool);
  }

  /** Everything as it stands, for whoever exports it. May block. */
  public MetricSnapshots read() {
    beforeReading.run();
    return registry.scrape();
  }

  /** How it is written. */
  public ExpositionFormatWriter writer(@Nullable String accept) {
    ExpositionFormatWriter best = formats.findWriter(accept);
    return best.isAvailable() ? best : formats.getPrometheusTextFormatWriter();
  }

  /** Writes everything as text for who accepts that. */
  public void write(OutputStream to, ExpositionFormatWriter writer) throws IOException {
    writer.write(to, read());
  }
}
