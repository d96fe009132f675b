package dev.sandpool.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Counters are there for whoever may manage, in a form that a scraper takes, and for nobody else.
 */
class MetricsTest extends ManagementTestBase {
  @Test
  void lifecycleEventsAreCountedByKind() {
    var reply = server.call("GET", "/sandpool/metrics");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("content-type")).startsWith("application/openmetrics-text");
    assertThat(reply.text())
        .startsWith("# TYPE sandpool_lifecycle_events counter\n")
        .contains("sandpool_lifecycle_events_total{kind=\"sandbox-died\"} 3\n")
        .endsWith("# EOF\n");
  }

  @Test
  void aStrangerSeesNoCounters() {
    assertThat(server.send(server.request("GET", "/sandpool/metrics", null)).status())
        .isEqualTo(401);
  }
}
