package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What the usage of one pool says, compared with what else is told of its sandboxes. */
final class PoolUsage {
  private static final Set<String> ENDS = Set.of("Idle", "Stopping", "Failed");

  private final TestCli cli;
  private final String pool;

  /** Of the group's pool of that name. */
  PoolUsage(TestCli cli, String pool) {
    this.cli = cli;
    this.pool = pool;
  }

  /** Its sums up to now. */
  JsonNode now() {
    return Json.MAPPER.readTree(cli.ok("sandpool usage -n " + pool + " -g group")).path(0);
  }

  /** To the second of each session: the log goes by the wall clock, usage by the host's uptime. */
  void isWhatTheLifecycleLogSays(int sessions) {
    await("all sessions have ended")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(now().path("allocatedSeconds").asDouble())
                    .isCloseTo(allocatedSecondsInTheLog(), within(1.0 * sessions)));
    JsonNode used = now();
    assertThat(used.path("sessions").asInt()).isGreaterThanOrEqualTo(sessions);
    assertThat(used.path("cpuSecondsUsed").asDouble()).isPositive();
    assertThat(used.path("gibSecondsUsed").asDouble()).isPositive();
    await("what went through the gateway is added four times a minute")
        .atMost(Duration.ofSeconds(60))
        .until(() -> now().path("requests").asInt() > 0);
    await("a pool's usage is that of its sandboxes")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(this::sandboxesAddUp);
  }

  private double allocatedSecondsInTheLog() {
    Map<String, Instant> begun = new HashMap<>();
    double seconds = 0;
    String log = "sandpool logs -n " + pool + " -g group --type lifecycle --json";
    for (String line : cli.ok(log).lines().toList()) {
      JsonNode row = Json.MAPPER.readTree(line);
      String sandbox = row.path("PodName").asString();
      Instant at = Instant.parse(row.path("TimeGenerated").asString());
      String operation = row.path("OperationName").asString();
      Instant since = begun.get(sandbox);
      if (operation.equals("Allocated")) {
        begun.put(sandbox, at);
      } else if (ENDS.contains(operation) && since != null) {
        seconds += Duration.between(since, at).toNanos() / 1e9;
        begun.remove(sandbox);
      }
    }
    assertThat(begun).as("sessions that go on").isEmpty();
    return seconds;
  }

  private void sandboxesAddUp() {
    JsonNode each =
        Json.MAPPER.readTree(cli.ok("sandpool usage -n " + pool + " -g group --by sandbox"));
    JsonNode pooled = now();
    for (String column : List.of("sessions", "requests", "bytesIn", "bytesOut")) {
      assertThat(each.values().stream().mapToLong(row -> row.path(column).asLong()).sum())
          .as(column)
          .isEqualTo(pooled.path(column).asLong());
    }
    assertThat(each.values().stream().mapToDouble(row -> row.path("allocatedSeconds").asDouble()))
        .as("shown in thousandths")
        .satisfies(
            all ->
                assertThat(all.stream().mapToDouble(it -> it).sum())
                    .isCloseTo(
                        pooled.path("allocatedSeconds").asDouble(), within(0.001 * all.size())));
    assertThat(each.values().stream().map(row -> row.path("sandbox").asString()))
        .as("of which some had a session")
        .hasSizeGreaterThan(1)
        .doesNotHaveDuplicates();
  }
}
