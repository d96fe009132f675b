package dev.sandpool.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.metrics.HostGauges;
import dev.sandpool.server.metrics.PoolMeters;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Counters are there for whoever may manage, in a form that a scraper takes, and for nobody else.
 */
class MetricsTest extends ManagementTestBase {
  @BeforeEach
  void count() {
    server.metrics.host(
        new HostGauges(
            () -> 3,
            () -> 10,
            () -> 0,
            () -> 0,
            () -> Map.of("sandbox-died", 3L),
            Map::of,
            () -> 0));
    PoolMeters meters =
        server.metrics.pool(
            new PoolId("aaaaaaaaaa"), new ResourceId("s", "g", ResourceId.SESSION_POOLS, "p"));
    meters.answered(204, 2_000_000);
    meters.allocated(20_000_000, true);
  }

  @Test
  void metersAreTextThatAScraperTakes() {
    var reply = server.call("GET", "/metrics");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("content-type")).startsWith("text/plain");
    assertThat(reply.text().lines())
        .contains(
            "# TYPE sandpool_lifecycle_events_total counter",
            "sandpool_lifecycle_events_total{kind=\"sandbox-died\"} 3.0",
            "sandpool_slots_taken 3.0",
            "sandpool_requests_total{by=\"sandbox\",class=\"2xx\",pool=\"p\",resource_group=\"g\",subscription=\"s\"}"
                + " 1.0",
            "sandpool_cold_starts_total{pool=\"p\",resource_group=\"g\",subscription=\"s\"} 1.0",
            "sandpool_first_byte_seconds_bucket{class=\"2xx\",pool=\"p\",resource_group=\"g\",subscription=\"s\",le=\"0.001\"}"
                + " 0",
            "sandpool_first_byte_seconds_bucket{class=\"2xx\",pool=\"p\",resource_group=\"g\",subscription=\"s\",le=\"0.0025\"}"
                + " 1",
            "sandpool_allocation_seconds_sum{pool=\"p\",resource_group=\"g\",subscription=\"s\"}"
                + " 0.02");
  }

  @Test
  void theOlderPathShowsTheSame() {
    assertThat(server.call("GET", "/sandpool/metrics").text())
        .contains("sandpool_lifecycle_events_total{kind=\"sandbox-died\"} 3.0");
  }

  @Test
  void aStrangerSeesNoMeters() {
    assertThat(server.send(server.request("GET", "/metrics", null)).status()).isEqualTo(401);
    assertThat(server.send(server.request("GET", "/sandpool/metrics", null)).status())
        .isEqualTo(401);
  }
}
