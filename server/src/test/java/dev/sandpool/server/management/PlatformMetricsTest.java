package dev.sandpool.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpPipeline;
import com.azure.core.http.HttpPipelineBuilder;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.util.Context;
import com.azure.monitor.query.MetricsQueryClient;
import com.azure.monitor.query.MetricsQueryClientBuilder;
import com.azure.monitor.query.models.AggregationType;
import com.azure.monitor.query.models.MetricDefinition;
import com.azure.monitor.query.models.MetricValue;
import com.azure.monitor.query.models.MetricsQueryOptions;
import com.azure.monitor.query.models.MetricsQueryResult;
import com.azure.monitor.query.models.QueryTimeInterval;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.SandboxCount;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.metrics.PoolSampler;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Azure's own client of platform metrics reads a pool's three, minute by minute. */
class PlatformMetricsTest extends ManagementTestBase {
  private static final String PATH =
      ManagementFixture.POOL + "/providers/Microsoft.Insights/metrics";
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  private final List<SandboxCount> counts = new ArrayList<>();
  private Instant clock = NOON;

  @SuppressWarnings("NullAway.Init") // set before each test
  private PoolSampler sampler;

  @SuppressWarnings("NullAway.Init") // set before each test
  private PoolRecord pool;

  @BeforeEach
  void sample() {
    server.createPool();
    pool = server.ledger.pools().getFirst();
    server.metrics.pool(pool.id(), ResourceId.parse(pool.resourceId()).orElseThrow());
    sampler = new PoolSampler(server.metrics, ids -> List.copyOf(counts), id -> 0, () -> clock);
    stands(1, 2, 3);
    stands(3, 0, 5);
    clock = NOON.plusSeconds(60);
    stands(4, 0, 1);
    clock = NOON.plusSeconds(120);
    server.now.set(clock);
  }

  @AfterEach
  void endSampler() {
    sampler.close();
  }

  private void stands(int executing, int pending, int ready) {
    counts.clear();
    Stream.of(
            count(SandboxState.ALLOCATED, executing),
            count(SandboxState.STARTING, pending),
            count(SandboxState.READY, ready))
        .filter(count -> count.count() > 0)
        .forEach(counts::add);
    sampler.sample();
  }

  private SandboxCount count(SandboxState state, int count) {
    return new SandboxCount(pool.desired().id(), pool.network(), state, count);
  }

  private MetricsQueryClient client() {
    HttpPipeline pipeline =
        new HttpPipelineBuilder()
            .policies(
                (context, next) -> {
                  context
                      .getHttpRequest()
                      .setHeader(HttpHeaderName.AUTHORIZATION, "Bearer " + ManagementFixture.TOKEN);
                  return next.process();
                })
            .httpClient(new JdkHttpClientBuilder().build())
            .build();
    return new MetricsQueryClientBuilder()
        .endpoint(server.base().toString())
        .pipeline(pipeline)
        .buildClient();
  }

  private MetricsQueryResult query(Duration granularity, List<String> names) {
    var options =
        new MetricsQueryOptions()
            .setGranularity(granularity)
            .setTimeInterval(
                new QueryTimeInterval(
                    NOON.atOffset(ZoneOffset.UTC), NOON.plusSeconds(180).atOffset(ZoneOffset.UTC)))
            .setMetricNamespace("Microsoft.App/sessionpools")
            .setAggregations(
                AggregationType.AVERAGE,
                AggregationType.TOTAL,
                AggregationType.MINIMUM,
                AggregationType.MAXIMUM,
                AggregationType.COUNT);
    return client()
        .queryResourceWithResponse(ManagementFixture.POOL, names, options, Context.NONE)
        .getValue();
  }

  private static List<MetricValue> values(MetricsQueryResult result, String name) {
    return result.getMetricByName(name).getTimeSeries().getFirst().getValues();
  }

  @Test
  void eachMinuteHasItsAggregations() {
    MetricsQueryResult result =
        query(
            Duration.ofMinutes(1),
            List.of("PoolExecutingPodCount", "PoolPendingPodCount", "PoolReadyPodCount"));

    assertThat(result.getNamespace()).isEqualTo("Microsoft.App/sessionpools");
    assertThat(result.getMetrics()).hasSize(3);
    List<MetricValue> executing = values(result, "PoolExecutingPodCount");
    assertThat(executing).hasSize(3);
    MetricValue first = executing.getFirst();
    assertThat(first.getTimeStamp().toInstant()).isEqualTo(NOON);
    assertThat(first.getAverage()).isEqualTo(2.0);
    assertThat(first.getTotal()).isEqualTo(4.0);
    assertThat(first.getMinimum()).isEqualTo(1.0);
    assertThat(first.getMaximum()).isEqualTo(3.0);
    assertThat(first.getCount()).isEqualTo(2.0);
    assertThat(executing.get(1).getAverage()).isEqualTo(4.0);
    assertThat(executing.get(2).getAverage()).as("nothing was sampled yet").isNull();
    assertThat(values(result, "PoolPendingPodCount").getFirst().getMaximum()).isEqualTo(2.0);
    assertThat(values(result, "PoolReadyPodCount").get(1).getMinimum()).isEqualTo(1.0);
    assertThat(result.getMetricByName("PoolReadyPodCount").getTimeSeries().getFirst().getMetadata())
        .containsEntry("poolname", pool.name());
  }

  @Test
  void longerBinsTakeTheirMinutesTogether() {
    List<MetricValue> hour =
        values(query(Duration.ofHours(1), List.of("PoolReadyPodCount")), "PoolReadyPodCount");

    assertThat(hour).hasSize(1);
    assertThat(hour.getFirst().getTotal()).isEqualTo(9.0);
    assertThat(hour.getFirst().getCount()).isEqualTo(3.0);
    assertThat(hour.getFirst().getMaximum()).isEqualTo(5.0);
  }

  @Test
  void definitionsNameTheThree() {
    List<MetricDefinition> definitions =
        client().listMetricDefinitions(ManagementFixture.POOL).stream().toList();

    assertThat(definitions)
        .extracting(MetricDefinition::getName)
        .containsExactly("PoolExecutingPodCount", "PoolPendingPodCount", "PoolReadyPodCount");
    assertThat(definitions.getFirst().getDimensions()).containsExactly("poolName");
    assertThat(definitions.getFirst().getNamespace()).isEqualTo("Microsoft.App/sessionpools");
    assertThat(client().listMetricNamespaces(ManagementFixture.POOL, null).stream()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "metricnames=Cpu",
        "interval=PT7M",
        "timespan=yesterday",
        "timespan=2026-11-22T12:00:00Z/2026-11-22T11:00:00Z",
        "timespan=P365D",
        "aggregation=median",
        "metricnamespace=Microsoft.Web/sites"
      })
  void whatIsNotThereIsRefusedWithWhatIs(String query) {
    var reply = server.call("GET", PATH + "?api-version=2024-02-01&" + query);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/error/code").asString()).isEqualTo("BadRequest");
    assertThat(reply.at("/error/message").asString()).contains("accepted:");
  }

  @Test
  void aPoolThatIsNotThereHasNone() {
    assertThat(server.call("GET", PATH.replace("/" + pool.name() + "/", "/other/")).status())
        .isEqualTo(404);
  }
}
