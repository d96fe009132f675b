package dev.sandpool.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.management.QuotaLimits.Bounds;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is more than a quota is refused with the numbers, and nothing else is. */
class QuotasTest {
  private static final String USAGES =
      ManagementFixture.SUBSCRIPTION + "/providers/Microsoft.App/locations/eastasia/usages";

  @SuppressWarnings("NullAway.Init") // set by each test
  private ManagementFixture server;

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private void start(Bounds subscription, Bounds pool) throws Exception {
    server = new ManagementFixture(new QuotaLimits(subscription, pool));
    server.createEnvironment();
  }

  private static Bounds bounds(long sandboxes, long milliCpu, long gib) {
    return new Bounds(
        sandboxes < 0 ? OptionalLong.empty() : OptionalLong.of(sandboxes),
        milliCpu < 0 ? OptionalLong.empty() : OptionalLong.of(milliCpu),
        gib < 0 ? OptionalLong.empty() : OptionalLong.of(gib << 30));
  }

  /** Of 0.25 cores and half a GiB each. */
  private ManagementFixture.Reply put(String name, int sessions) {
    ObjectNode body = (ObjectNode) Json.MAPPER.readTree(ManagementFixture.poolBody());
    ((ObjectNode) body.path("properties").path("scaleConfiguration"))
        .put("maxConcurrentSessions", sessions)
        .put("readySessionInstances", 1);
    return server.call(
        "PUT",
        ManagementFixture.POOL.replace("my-pool", name) + ManagementFixture.VERSION,
        body.toString());
  }

  private static String refusal(ManagementFixture.Reply reply) {
    assertThat(reply.status()).as(reply.text()).isEqualTo(409);
    assertThat(reply.json().path("error").path("code").asString()).isEqualTo("QuotaExceeded");
    return reply.json().path("error").path("message").asString();
  }

  @ParameterizedTest
  @CsvSource({
    "30, -1, -1, 'SubscriptionSandboxes: Current Limit: 30, Current Usage: 20, Additional Required:"
        + " 12, (Minimum) New Limit Required: 32'",
    "-1, 7500, -1, 'SubscriptionCores: Current Limit: 7.5, Current Usage: 5, Additional Required:"
        + " 3, (Minimum) New Limit Required: 8'",
    "-1, -1, 15, 'SubscriptionMemoryGiB: Current Limit: 15, Current Usage: 10, Additional Required:"
        + " 6, (Minimum) New Limit Required: 16'",
  })
  void poolsOfASubscriptionTogetherAskForNoMoreThanItsQuota(
      long sandboxes, long milliCpu, long gib, String numbers) throws Exception {
    start(bounds(sandboxes, milliCpu, gib), Bounds.NONE);
    assertThat(put("first", 20).status()).isEqualTo(201);
    assertThat(refusal(put("second", 12))).contains("'second'", numbers);
    assertThat(server.ledger.pools()).hasSize(1);
    assertThat(put("second", 10).status()).as("exactly what is left").isEqualTo(201);
    assertThat(refusal(put("second", 11))).contains("Additional Required");
  }

  @ParameterizedTest
  @CsvSource({"9, -1, -1, PoolSandboxes", "-1, 2250, -1, PoolCores", "-1, -1, 4, PoolMemoryGiB"})
  void eachPoolAsksForNoMoreThanThatOfPools(long sandboxes, long milliCpu, long gib, String name)
      throws Exception {
    start(Bounds.NONE, bounds(sandboxes, milliCpu, gib));
    assertThat(refusal(put("first", 10))).contains(name);
    assertThat(put("first", 8).status()).isEqualTo(201);
    assertThat(put("second", 8).status()).isEqualTo(201);
    server.pools.settle();
    String scale = "{\"properties\":{\"scaleConfiguration\":{\"maxConcurrentSessions\":10}}}";
    String pool = ManagementFixture.POOL.replace("my-pool", "first") + ManagementFixture.VERSION;
    assertThat(refusal(server.call("PATCH", pool, scale))).contains(name);
  }

  @Test
  void whatAsksForNoMoreThanBeforePassesAlthoughTheQuotaIsLower() throws Exception {
    start(Bounds.NONE, Bounds.NONE);
    assertThat(put("first", 20).status()).isEqualTo(201);
    server.pools.settle();
    var quotas = new Quotas(server.ledger, new QuotaLimits(bounds(5, -1, -1), Bounds.NONE));
    var pool = ResourceId.parse(server.pool().resourceId()).orElseThrow();
    Quotas.Demand now = Quotas.Demand.of(server.pool());
    quotas.check(pool, now, Quotas.Demand.of(20, 0.25, 1L << 29));
    quotas.check(pool, now, Quotas.Demand.of(10, 0.25, 1L << 29));
  }

  @Test
  void anotherSubscriptionsPoolsDoNotCount() throws Exception {
    start(bounds(10, -1, -1), Bounds.NONE);
    assertThat(put("first", 10).status()).isEqualTo(201);
    String other = "/subscriptions/22222222-2222-3333-4444-555555555555";
    String elsewhere =
        ManagementFixture.POOL.replace(ManagementFixture.SUBSCRIPTION, other)
            + ManagementFixture.VERSION;
    var reply =
        server.call("PUT", elsewhere.replace("my-pool", "second"), ManagementFixture.poolBody());
    assertThat(reply.status()).as(reply.text()).isEqualTo(201);
  }

  @Test
  void usagesShowWhatIsAskedForAndTheLimits() throws Exception {
    start(bounds(30, 7500, -1), bounds(20, -1, 8));
    put("first", 10);
    put("second", 3);
    assertThat(values(USAGES))
        .isEqualTo(
            Map.of(
                "SubscriptionSandboxes", List.of(13.0, 30.0),
                "SubscriptionCores", List.of(3.25, 7.5),
                "SubscriptionMemoryGiB", List.of(6.5, -1.0)));
    assertThat(values(ManagementFixture.ENVIRONMENT + "/usages"))
        .isEqualTo(
            Map.of(
                "ManagedEnvironmentSandboxes", List.of(13.0, 30.0),
                "ManagedEnvironmentCores", List.of(3.25, 7.5),
                "ManagedEnvironmentMemoryGiB", List.of(6.5, -1.0)));
    assertThat(values(ManagementFixture.POOL.replace("my-pool", "second") + "/usages"))
        .isEqualTo(
            Map.of(
                "PoolSandboxes", List.of(3.0, 20.0),
                "PoolCores", List.of(0.75, -1.0),
                "PoolMemoryGiB", List.of(1.5, 8.0)));
    var missing =
        server.call("GET", ManagementFixture.POOL + "/usages" + ManagementFixture.VERSION);
    assertThat(missing.status()).isEqualTo(404);
  }

  private Map<String, List<Double>> values(String path) {
    var reply = server.call("GET", path + ManagementFixture.VERSION);
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    Map<String, List<Double>> found = new HashMap<>();
    for (JsonNode usage : reply.json().path("value").values()) {
      assertThat(usage.path("unit").asString()).isEqualTo("Count");
      assertThat(usage.path("name").path("localizedValue").asString()).isNotEmpty();
      found.put(
          usage.path("name").path("value").asString(),
          List.of(usage.path("currentValue").asDouble(), usage.path("limit").asDouble()));
    }
    return found;
  }
}
