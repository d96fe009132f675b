package dev.sandpool.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.ledger.PoolHour;
import dev.sandpool.server.ledger.Reserved;
import dev.sandpool.server.ledger.Samples;
import dev.sandpool.server.ledger.UsageAmounts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What usage is added up to, and what it costs. */
class UsageTest extends ManagementTestBase {
  private static final String USAGE = "/providers/Sandpool.Server/usage?";
  private static final String OTHER =
      "/subscriptions/22222222-2222-3333-4444-555555555555/resourceGroups/other/providers"
          + "/Microsoft.App/sessionPools/second";
  private static final Reserved HALF = new Reserved(500, 1L << 30);

  @BeforeEach
  void use() {
    use(ManagementFixture.POOL, "2026-11-22T08:00:00Z", "red");
    use(
        ManagementFixture.POOL.replace("resourceGroups/rg", "resourceGroups/RG"),
        "2026-11-22T09:00:00Z",
        "red");
    use(ManagementFixture.POOL.replace("my-pool", "my-pool2"), "2026-11-21T09:00:00Z", "blue");
    use(OTHER, "2026-11-22T09:00:00Z", "blue");
    use(OTHER, "2026-10-31T23:00:00Z", "blue");
  }

  private void use(String id, String hour, String team) {
    server.usage.hours.add(
        new PoolHour(
            id,
            null,
            Map.of("team", team),
            Instant.parse(hour),
            UsageAmounts.allocated(Duration.ofSeconds(100).toNanos() / 1000, HALF)
                .plus(UsageAmounts.begun(2, 3))
                .plus(UsageAmounts.consumed(1_500_000, 1024L * 1_000))
                .plus(UsageAmounts.traffic(10, 1000, 2000))));
  }

  private JsonNode get(String scope, String query) {
    var answer = server.call("GET", scope + USAGE + query);
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    return answer.json();
  }

  private static List<String> column(JsonNode body, String name) {
    return body.path("value").values().stream().map(row -> row.path(name).asString()).toList();
  }

  @Test
  void aRowHasAllThatWasUsedAndItsCost() {
    JsonNode body = get(ManagementFixture.POOL, "");
    assertThat(body.path("from").asString()).isEqualTo("2026-11-01T00:00:00Z");
    assertThat(body.path("currency").asString()).isEqualTo("EUR");
    JsonNode row = body.path("value").path(0);
    assertThat(body.path("value").size()).isEqualTo(1);
    assertThat(row.path("resourceGroup").asString()).isEqualTo("rg");
    assertThat(row.path("pool").asString()).isEqualTo("my-pool");
    assertThat(row.path("allocatedSeconds").asDouble()).isEqualTo(200);
    assertThat(row.path("vcpuSeconds").asDouble()).isEqualTo(100);
    assertThat(row.path("gibSeconds").asDouble()).isEqualTo(200);
    assertThat(row.path("cpuSecondsUsed").asDouble()).isEqualTo(3);
    assertThat(row.path("gibSecondsUsed").asDouble()).isEqualTo(2);
    assertThat(row.path("sessions").asLong()).isEqualTo(4);
    assertThat(row.path("sessionHours").asLong()).isEqualTo(6);
    assertThat(row.path("requests").asLong()).isEqualTo(20);
    assertThat(row.path("bytesOut").asLong()).isEqualTo(4000);
    assertThat(row.path("cost").asDouble())
        .as("100 vCPU s, 200 GiB s, 6 session hours")
        .isEqualTo(100 * 0.5 + 200 * 0.25 + 6 * 0.03);
    assertThat(body.path("total").path("cost")).isEqualTo(row.path("cost"));
  }

  @ParameterizedTest
  @CsvSource({
    "subscription, subscription,"
        + " 11111111-2222-3333-4444-555555555555;22222222-2222-3333-4444-555555555555",
    "resource-group, resourceGroup, rg;other",
    "pool, pool, my-pool;my-pool2;second",
    "tag&tag=team, tag, blue;red",
    "day, day, 2026-11-21;2026-11-22",
    "hour, hour, 2026-11-21T09:00:00Z;2026-11-22T08:00:00Z;2026-11-22T09:00:00Z",
  })
  void isAddedUpByWhatIsAskedFor(String by, String column, String values) {
    assertThat(column(get("", "by=" + by), column)).isEqualTo(List.of(values.split(";", -1)));
    assertThat(get("", "by=" + by).path("total").path("sessions").asLong()).isEqualTo(8);
  }

  @Test
  void severalKeysTellRowsApart() {
    JsonNode body = get(ManagementFixture.GROUP, "by=pool,day");
    assertThat(column(body, "pool")).containsExactly("my-pool", "my-pool2");
    assertThat(column(body, "day")).containsExactly("2026-11-22", "2026-11-21");
  }

  @Test
  void aScopeEndsWhereANameEndsAndHoldsWhatIsBelow() {
    assertThat(column(get(ManagementFixture.POOL, ""), "pool")).containsExactly("my-pool");
    assertThat(column(get(ManagementFixture.SUBSCRIPTION, "by=subscription"), "sessions"))
        .containsExactly("6");
  }

  @Test
  void aSpanHasTheHoursThatBeginInIt() {
    JsonNode body = get("", "from=2026-11-22T08:30:00Z&to=2026-11-22T09:00:00Z");
    assertThat(body.path("from").asString()).isEqualTo("2026-11-22T08:00:00Z");
    assertThat(column(body, "pool")).containsExactly("my-pool");
    assertThat(column(get("", "from=2026-10-31&to=2026-11-01"), "pool")).containsExactly("second");
  }

  @ParameterizedTest
  @CsvSource({
    "by=colour, by, colour",
    "by=tag, tag, name of a tag",
    "by=pool&tag=team, tag, name of a tag",
    "from=yesterday, from, 2026-11-29",
    "from=2026-11-22&to=2026-11-22, to, a time after",
  })
  void whatCannotBeAnsweredIsRefusedByName(String query, String name, String accepted) {
    var answer = server.call("GET", USAGE + query);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().path("error").path("message").asString())
        .contains("'" + name + "'")
        .contains(accepted);
  }

  @Test
  void moreThanAnAnswerCanHoldIsRefused() {
    server.usage.tooMuch.set(true);
    var answer = server.call("GET", USAGE + "by=hour");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().path("error").path("code").asString()).isEqualTo("UsageTooLarge");
    assertThat(answer.json().path("error").path("message").asString()).contains("more than 7 rows");
  }

  @Test
  void eachSandboxCanBeToldApart() {
    for (int i = 1; i <= 2; i++) {
      server.usage.ofSandboxes.add(
          new PoolHour(
              ManagementFixture.POOL,
              Samples.sandboxId(i),
              Map.of(),
              Instant.parse("2026-11-22T08:00:00Z"),
              UsageAmounts.traffic(i, 100L * i, 200L * i)));
    }
    JsonNode body = get(ManagementFixture.POOL, "by=sandbox");
    assertThat(column(body, "sandbox"))
        .containsExactlyInAnyOrder(Samples.sandboxId(1).value(), Samples.sandboxId(2).value());
    assertThat(column(body, "pool")).containsOnly("my-pool");
    assertThat(body.path("total").path("bytesIn").asLong()).isEqualTo(300);
  }
}
