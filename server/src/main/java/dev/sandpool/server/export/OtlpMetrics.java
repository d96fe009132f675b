package dev.sandpool.server.export;

import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Meters as OTLP's metrics, under the names that {@code /metrics} has, without the {@code _total}
 * that Prometheus gives to counters. All sums are cumulative.
 */
final class OtlpMetrics {
  /** A request has some more than that at most: one metric is never in two of them. */
  private static final int MOST_POINTS = 5000;

  private final Resource resource;
  private final long begin;

  /**
   * @param resource whose meters they are
   * @param begin when they stood at zero, in nanoseconds since 1970
   */
  OtlpMetrics(Resource resource, long begin) {
    this.resource = resource;
    this.begin = begin;
  }

  /** Some metrics that are sent together. */
  record Page(int points, ExportMetricsServiceRequest request) {}

  /** A reading, as requests. */
  List<Page> write(MetricSnapshots reading, long nanos) {
    List<Page> pages = new ArrayList<>();
    List<Metric> gathered = new ArrayList<>();
    int points = 0;
    for (MetricSnapshot snapshot : reading) {
      Optional<Metric> metric = metric(snapshot, nanos);
      if (metric.isPresent()) {
        gathered.add(metric.get());
        points += snapshot.getDataPoints().size();
      }
      if (points >= MOST_POINTS) {
        pages.add(page(gathered, points));
        gathered.clear();
        points = 0;
      }
    }
    if (points > 0) {
      pages.add(page(gathered, points));
    }
    return pages;
  }

  private Page page(List<Metric> metrics, int points) {
    var scope =
        ScopeMetrics.newBuilder()
            .setScope(InstrumentationScope.newBuilder().setName("sandpool.metrics"))
            .addAllMetrics(metrics);
    return new Page(
        points,
        ExportMetricsServiceRequest.newBuilder()
            .addResourceMetrics(
                ResourceMetrics.newBuilder().setResource(resource).addScopeMetrics(scope))
            .build());
  }

  /** Nothing for kinds that nobody here has. */
  private Optional<Metric> metric(MetricSnapshot snapshot, long nanos) {
    var metric =
        Metric.newBuilder()
            .setName(snapshot.getMetadata().getPrometheusName())
            .setUnit(unit(snapshot.getMetadata().getUnit()));
    if (snapshot.getMetadata().getHelp() != null) {
      metric.setDescription(snapshot.getMetadata().getHelp());
    }
    switch (snapshot) {
      case CounterSnapshot counter ->
          metric.setSum(
              Sum.newBuilder()
                  .setIsMonotonic(true)
                  .setAggregationTemporality(
                      AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                  .addAllDataPoints(
                      counter.getDataPoints().stream().map(it -> count(it, nanos)).toList()));
      case GaugeSnapshot gauge ->
          metric.setGauge(
              Gauge.newBuilder()
                  .addAllDataPoints(
                      gauge.getDataPoints().stream().map(it -> level(it, nanos)).toList()));
      case HistogramSnapshot histogram ->
          metric.setHistogram(
              Histogram.newBuilder()
                  .setAggregationTemporality(
                      AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                  .addAllDataPoints(
                      histogram.getDataPoints().stream().map(it -> spread(it, nanos)).toList()));
      case SummarySnapshot summary ->
          metric.setSummary(
              Summary.newBuilder()
                  .addAllDataPoints(
                      summary.getDataPoints().stream().map(it -> summary(it, nanos)).toList()));
      case InfoSnapshot info ->
          metric.setGauge(
              Gauge.newBuilder()
                  .addAllDataPoints(
                      info.getDataPoints().stream()
                          .map(it -> number(it.getLabels(), nanos).setAsInt(1).build())
                          .toList()));
      default -> {
        return Optional.empty();
      }
    }
    return Optional.of(metric.build());
  }

  private NumberDataPoint count(CounterDataPointSnapshot it, long nanos) {
    return number(it.getLabels(), nanos)
        .setStartTimeUnixNano(begin)
        .setAsDouble(it.getValue())
        .build();
  }

  private static NumberDataPoint level(GaugeDataPointSnapshot it, long nanos) {
    return number(it.getLabels(), nanos).setAsDouble(it.getValue()).build();
  }

  private static NumberDataPoint.Builder number(Labels labels, long nanos) {
    return NumberDataPoint.newBuilder().addAllAttributes(attributes(labels)).setTimeUnixNano(nanos);
  }

  private HistogramDataPoint spread(HistogramDataPointSnapshot it, long nanos) {
    var point =
        HistogramDataPoint.newBuilder()
            .addAllAttributes(attributes(it.getLabels()))
            .setStartTimeUnixNano(begin)
            .setTimeUnixNano(nanos)
            .setSum(it.getSum());
    ClassicHistogramBuckets buckets = it.getClassicBuckets();
    long count = 0;
    for (int i = 0; i < buckets.size(); i++) {
      count += buckets.getCount(i);
      point.addBucketCounts(buckets.getCount(i));
      if (Double.isFinite(buckets.getUpperBound(i))) {
        point.addExplicitBounds(buckets.getUpperBound(i));
      }
    }
    return point.setCount(count).build();
  }

  private SummaryDataPoint summary(SummaryDataPointSnapshot it, long nanos) {
    var point =
        SummaryDataPoint.newBuilder()
            .addAllAttributes(attributes(it.getLabels()))
            .setStartTimeUnixNano(begin)
            .setTimeUnixNano(nanos)
            .setCount(it.getCount())
            .setSum(it.getSum());
    it.getQuantiles()
        .forEach(
            quantile ->
                point
                    .addQuantileValuesBuilder()
                    .setQuantile(quantile.getQuantile())
                    .setValue(quantile.getValue()));
    return point.build();
  }

  private static List<KeyValue> attributes(Labels labels) {
    List<KeyValue> attributes = new ArrayList<>(labels.size());
    labels.forEach(it -> attributes.add(Attributes.text(it.getName(), it.getValue())));
    return attributes;
  }

  /** In the words of UCUM, as OTLP wants them. */
  private static String unit(@Nullable Unit unit) {
    if (unit == null) {
      return "";
    }
    return unit.equals(Unit.SECONDS) ? "s" : unit.equals(Unit.BYTES) ? "By" : unit.toString();
  }
}
