package dev.sandpool.server.metrics;

import dev.sandpool.server.metrics.PoolMeters.Claim;
import dev.sandpool.server.metrics.PoolMeters.ProbeKind;
import dev.sandpool.server.metrics.PoolMeters.Start;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * All pools' meters as they stand, under the names that are part of the metrics' contract. Labels
 * are a pool's three and words of closed lists: never anything of a request.
 */
final class PoolCollector implements MultiCollector {
  private static final Unit BYTES = Unit.BYTES;

  private final Supplier<Collection<Metered>> pools;

  /** A pool's meters and what they are labelled with. */
  record Metered(Labels labels, PoolMeters meters) {}

  PoolCollector(Supplier<Collection<Metered>> pools) {
    this.pools = pools;
  }

  /** One series of each pool: the label that tells it from its siblings, and its value. */
  private record Series(String value, ToDoubleFunction<PoolMeters> read) {}

  @Override
  public MetricSnapshots collect() {
    List<Metered> now = List.copyOf(pools.get());
    return now.isEmpty()
        ? MetricSnapshots.of()
        : new MetricSnapshots(
            List.<MetricSnapshot>of(
                gauge(now, "sandpool_sandboxes", "Sandboxes by state.", "state", states()),
                gauge(
                    now,
                    "sandpool_pool_max_sessions",
                    "Sessions that the pool may have at once.",
                    one(PoolMeters::maxSessions)),
                gauge(
                    now,
                    "sandpool_pool_ready_wanted",
                    "Ready sandboxes that the pool asks for.",
                    one(PoolMeters::readyWanted)),
                gauge(
                    now,
                    "sandpool_queue_depth",
                    "Requests that wait in line for a sandbox.",
                    one(meters -> meters.standing().waiting())),
                gauge(
                    now,
                    "sandpool_requests_in_flight",
                    "Requests, streams and upgraded connections under way.",
                    one(PoolMeters::inFlight)),
                gauge(
                    now,
                    "sandpool_caller_connections",
                    "Connections of callers whose last request was for the pool.",
                    one(PoolMeters::connections)),
                requests(now),
                counter(
                    now,
                    "sandpool_received_bytes",
                    "Bodies and upgraded connections, from callers to sandboxes.",
                    one(PoolMeters::bytesIn),
                    BYTES),
                counter(
                    now,
                    "sandpool_sent_bytes",
                    "Bodies and upgraded connections, from sandboxes to callers.",
                    one(PoolMeters::bytesOut),
                    BYTES),
                counter(
                    now,
                    "sandpool_claims",
                    "Requests that asked for a session, by what came of it.",
                    "outcome",
                    claims()),
                counter(
                    now,
                    "sandpool_cold_starts",
                    "Sessions that began only after a wait, because no sandbox was ready.",
                    one(PoolMeters::coldStarts)),
                counter(
                    now,
                    "sandpool_sandbox_starts",
                    "Sandboxes that came up or did not.",
                    "outcome",
                    starts()),
                counter(now, "sandpool_probe_failures", "Failed probes.", "probe", probeFailures()),
                firstBytes(now),
                histogram(
                    now,
                    "sandpool_allocation_seconds",
                    "From a request's asking for a session to its having one.",
                    PoolMeters::allocation),
                histogram(
                    now,
                    "sandpool_queue_wait_seconds",
                    "Time in line for a sandbox, whatever came of it.",
                    PoolMeters::queueWait),
                histogram(
                    now,
                    "sandpool_refill_seconds",
                    "From the first missing ready sandbox to the last one being ready again.",
                    PoolMeters::refill)));
  }

  // --- what there is ---------------------------------------------------------------------------

  private static List<Series> one(ToDoubleFunction<PoolMeters> read) {
    return List.of(new Series("", read));
  }

  private static List<Series> states() {
    return List.of(
        new Series("executing", meters -> meters.standing().executing()),
        new Series("creating", meters -> meters.standing().creating()),
        new Series("ready", meters -> meters.standing().ready()),
        new Series("stopping", meters -> meters.standing().stopping()));
  }

  private static List<Series> claims() {
    return words(Claim.values(), PoolMeters::claims);
  }

  private static List<Series> starts() {
    return words(Start.values(), PoolMeters::starts);
  }

  private static List<Series> probeFailures() {
    return words(ProbeKind.values(), PoolMeters::probeFailures);
  }

  private interface OfWord<E> {
    long count(PoolMeters meters, E word);
  }

  private static <E extends Enum<E>> List<Series> words(E[] words, OfWord<E> count) {
    List<Series> series = new ArrayList<>();
    for (E word : words) {
      series.add(
          new Series(word.name().toLowerCase(Locale.ROOT), meters -> count.count(meters, word)));
    }
    return series;
  }

  /** By whose answer it was, and of which class; {@code left}: the caller did not stay for it. */
  private static CounterSnapshot requests(List<Metered> pools) {
    List<CounterDataPointSnapshot> points = new ArrayList<>();
    for (Metered pool : pools) {
      for (int i = 0; i < PoolMeters.CLASSES; i++) {
        String name = (i + 1) + "xx";
        points.add(request(pool, "sandbox", name, pool.meters().answeredIn(i)));
        if (i >= 3) {
          points.add(request(pool, "sandpool", name, pool.meters().refusedIn(i)));
        }
      }
      points.add(request(pool, "nobody", "left", pool.meters().leftEarly()));
    }
    return new CounterSnapshot(
        new MetricMetadata(
            "sandpool_requests", "Requests of sessions, by who answered and the answer's class."),
        points);
  }

  /** Of classes that a pool's sandboxes have answered with; 2xx in any case. */
  private static HistogramSnapshot firstBytes(List<Metered> pools) {
    List<HistogramDataPointSnapshot> points = new ArrayList<>(pools.size());
    for (Metered pool : pools) {
      for (int i = 0; i < PoolMeters.CLASSES; i++) {
        if (i == PoolMeters.SUCCESS || pool.meters().answeredIn(i) > 0) {
          Labels labels = pool.labels().merge(Labels.of("class", (i + 1) + "xx"));
          points.add(point(pool.meters().firstByteOf(i), labels));
        }
      }
    }
    return new HistogramSnapshot(
        new MetricMetadata(
            "sandpool_first_byte_seconds",
            "From a request's arrival to the head of its sandbox's answer, by the answer's class.",
            Unit.SECONDS),
        points);
  }

  private static CounterDataPointSnapshot request(
      Metered pool, String by, String answerClass, long count) {
    return new CounterDataPointSnapshot(
        count, pool.labels().merge(Labels.of("by", by, "class", answerClass)), null, 0);
  }

  // --- how it is put ---------------------------------------------------------------------------

  private static GaugeSnapshot gauge(
      List<Metered> pools, String name, String help, List<Series> series) {
    return gauge(pools, name, help, "", series);
  }

  private static GaugeSnapshot gauge(
      List<Metered> pools, String name, String help, String label, List<Series> series) {
    List<GaugeDataPointSnapshot> points = new ArrayList<>(pools.size() * series.size());
    for (Metered pool : pools) {
      for (Series one : series) {
        points.add(
            new GaugeDataPointSnapshot(
                one.read().applyAsDouble(pool.meters()), labels(pool, label, one), null));
      }
    }
    return new GaugeSnapshot(new MetricMetadata(name, help), points);
  }

  private static CounterSnapshot counter(
      List<Metered> pools, String name, String help, List<Series> series, Unit unit) {
    return new CounterSnapshot(new MetricMetadata(name, help, unit), points(pools, "", series));
  }

  private static CounterSnapshot counter(
      List<Metered> pools, String name, String help, List<Series> series) {
    return counter(pools, name, help, "", series);
  }

  private static CounterSnapshot counter(
      List<Metered> pools, String name, String help, String label, List<Series> series) {
    return new CounterSnapshot(new MetricMetadata(name, help), points(pools, label, series));
  }

  private static List<CounterDataPointSnapshot> points(
      List<Metered> pools, String label, List<Series> series) {
    List<CounterDataPointSnapshot> points = new ArrayList<>(pools.size() * series.size());
    for (Metered pool : pools) {
      for (Series one : series) {
        points.add(
            new CounterDataPointSnapshot(
                one.read().applyAsDouble(pool.meters()), labels(pool, label, one), null, 0));
      }
    }
    return points;
  }

  private static Labels labels(Metered pool, String label, Series one) {
    return label.isEmpty() ? pool.labels() : pool.labels().merge(Labels.of(label, one.value()));
  }

  private static HistogramSnapshot histogram(
      List<Metered> pools, String name, String help, Function<PoolMeters, Latency> read) {
    List<HistogramDataPointSnapshot> points = new ArrayList<>(pools.size());
    for (Metered pool : pools) {
      points.add(point(read.apply(pool.meters()), pool.labels()));
    }
    return new HistogramSnapshot(new MetricMetadata(name, help, Unit.SECONDS), points);
  }

  /** A histogram's state under those labels. */
  static HistogramDataPointSnapshot point(Latency latency, Labels labels) {
    long[] counts = latency.counts();
    Number[] boxed = new Number[counts.length];
    for (int i = 0; i < counts.length; i++) {
      boxed[i] = counts[i];
    }
    return HistogramDataPointSnapshot.builder()
        .labels(labels)
        .classicHistogramBuckets(ClassicHistogramBuckets.of(latency.upperSeconds(), boxed))
        .sum(latency.sumSeconds())
        .build();
  }
}
