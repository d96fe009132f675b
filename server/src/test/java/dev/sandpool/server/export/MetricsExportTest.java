package dev.sandpool.server.export;

import static dev.sandpool.server.export.LogsFixture.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.export.FakeReceiver.Reply;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.time.Time;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A receiver of metrics sees the numbers of {@code /metrics}, also after it was away. */
class MetricsExportTest {
  private final Metrics metrics = new Metrics();

  @BeforeEach
  void count() {
    metrics.measureProcess();
    var meters =
        metrics.pool(
            new PoolId("aaaaaaaaaa"), new ResourceId("s", "g", ResourceId.SESSION_POOLS, "p"));
    meters.answered(204, 2_000_000);
    meters.allocated(20_000_000, true);
  }

  private MetricsExporter exporter(FakeReceiver to) throws IOException {
    var resource =
        Resource.newBuilder().addAllAttributes(Attributes.of("service.name", "sandpool")).build();
    return new MetricsExporter(
        new MetricsExporter.Parts(
            metrics,
            new OtlpMetrics(resource, 1_000),
            Receiver.open(to.settings(), Otlp.METRICS.path(), Otlp.METRICS, PATIENCE),
            metrics.exporter("otlp-metrics"),
            Time.system()),
        Duration.ofMillis(50));
  }

  private static Map<String, Metric> last(FakeReceiver receiver) throws IOException {
    Map<String, Metric> metrics = new HashMap<>();
    var request = ExportMetricsServiceRequest.parseFrom(receiver.taken().getLast().body());
    request
        .getResourceMetrics(0)
        .getScopeMetrics(0)
        .getMetricsList()
        .forEach(it -> metrics.put(it.getName(), it));
    return metrics;
  }

  private static Map<String, String> labels(
      List<io.opentelemetry.proto.common.v1.KeyValue> attributes) {
    Map<String, String> labels = new HashMap<>();
    attributes.forEach(it -> labels.put(it.getKey(), it.getValue().getStringValue()));
    return labels;
  }

  @Test
  void sumsGaugesAndHistogramsAreWhatTheMetersSay() throws Exception {
    try (var receiver = new FakeReceiver()) {
      try (MetricsExporter exporter = exporter(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> !receiver.taken().isEmpty());
      }
      assertThat(receiver.taken().getFirst().path()).isEqualTo("/v1/metrics");
      Map<String, Metric> got = last(receiver);
      Metric requests = got.getOrDefault("sandpool_requests", Metric.getDefaultInstance());
      assertThat(requests.getSum().getIsMonotonic()).isTrue();
      assertThat(requests.getSum().getAggregationTemporality())
          .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
      NumberDataPoint answered =
          requests.getSum().getDataPointsList().stream()
              .filter(it -> it.getAsDouble() > 0)
              .findFirst()
              .orElseThrow();
      assertThat(answered.getAsDouble()).isEqualTo(1);
      assertThat(answered.getStartTimeUnixNano()).isEqualTo(1_000);
      assertThat(labels(answered.getAttributesList()))
          .containsEntry("pool", "p")
          .containsEntry("class", "2xx")
          .containsEntry("by", "sandbox");

      Metric allocation =
          got.getOrDefault("sandpool_allocation_seconds", Metric.getDefaultInstance());
      assertThat(allocation.getUnit()).isEqualTo("s");
      HistogramDataPoint point = allocation.getHistogram().getDataPoints(0);
      assertThat(point.getCount()).isEqualTo(1);
      assertThat(point.getSum()).isEqualTo(0.02);
      assertThat(point.getBucketCountsCount()).isEqualTo(point.getExplicitBoundsCount() + 1);
      int filled = point.getBucketCountsList().indexOf(1L);
      assertThat(point.getExplicitBounds(filled)).isGreaterThanOrEqualTo(0.02);
      assertThat(filled == 0 || point.getExplicitBounds(filled - 1) < 0.02).isTrue();

      assertThat(got.getOrDefault("sandpool_slots", Metric.getDefaultInstance()).hasGauge())
          .isTrue();
      assertThat(got.getOrDefault("jvm_memory_used_bytes", Metric.getDefaultInstance()).getUnit())
          .isEqualTo("By");
    }
  }

  @Test
  void everyFamilyOfThePageIsHandedOn() throws Exception {
    try (var receiver = new FakeReceiver()) {
      try (MetricsExporter exporter = exporter(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> !receiver.taken().isEmpty());
      }
      Set<String> families = new HashSet<>();
      metrics.read().forEach(it -> families.add(it.getMetadata().getPrometheusName()));
      assertThat(last(receiver).keySet()).containsExactlyInAnyOrderElementsOf(families);
    }
  }

  @Test
  void whatAReceiverMissedTheNextReadingTells() throws Exception {
    try (var receiver = new FakeReceiver()) {
      receiver.answers(_ -> Reply.of(503));
      try (MetricsExporter exporter = exporter(receiver)) {
        assertThat(exporter).isNotNull();
        await().atMost(PATIENCE).until(() -> receiver.seen().size() >= 2);
        metrics.server().strayRequest(401);
        receiver.answers(_ -> Reply.OK);
        await().atMost(PATIENCE).until(() -> !receiver.taken().isEmpty());
      }
      assertThat(
              last(receiver)
                  .getOrDefault("sandpool_stray_requests", Metric.getDefaultInstance())
                  .getSum()
                  .getDataPointsList()
                  .stream()
                  .mapToDouble(NumberDataPoint::getAsDouble)
                  .sum())
          .isEqualTo(1);
    }
  }
}
