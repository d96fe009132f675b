package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Isolation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PoolSettingsTest extends ManagementTestBase {
  private static final String SETTINGS = POOL + "/settings/default" + VERSION;
  private static final String OTHER_POOL = POOL + "-2";
  private static final String OTHER = OTHER_POOL + "/settings/default" + VERSION;

  @BeforeEach
  void pool() {
    server.createPool();
  }

  private ManagementFixture.Reply put(String properties) {
    return server.call("PUT", SETTINGS, "{\"properties\":" + properties + "}");
  }

  @Test
  void poolWithoutSettings_showsThatItHasNone() {
    var reply = server.call("GET", SETTINGS);

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.at("/id").asString()).isEqualTo(POOL + "/settings/default");
    assertThat(reply.at("/type").asString()).isEqualTo("Microsoft.App/sessionPools/settings");
    assertThat(reply.at("/properties").toString())
        .isEqualTo(
            "{\"isolation\":null,\"idleStreamSeconds\":null,\"sessionOperations\":false,"
                + "\"ingressProtocol\":\"http1\",\"pingsKeepAlive\":false,"
                + "\"allocationsPerMinute\":null,"
                + "\"requestsPerSecond\":null,\"requestsInFlight\":null,\"connections\":null,"
                + "\"browserSandbox\":true,\"allowedOrigins\":[],\"customDomains\":[],\"snapshotStart\":true}");
    assertThat(server.call("GET", POOL + "/settings" + VERSION).at("/value/0/name").asString())
        .isEqualTo("default");
  }

  @Test
  void put_replaces_patch_merges() {
    put(
        "{\"isolation\":\"gvisor\",\"idleStreamSeconds\":\"20\",\"sessionOperations\":true,"
            + "\"ingressProtocol\":\"http2\",\"pingsKeepAlive\":true,"
            + "\"allocationsPerMinute\":30,\"requestsPerSecond\":5,"
            + "\"requestsInFlight\":100,\"connections\":200,\"browserSandbox\":false,"
            + "\"allowedOrigins\":[\"https://app.test\",\"http://localhost:3000\"],"
            + "\"customDomains\":[\"api.customer.test\",\"pool.apps.test\"],"
            + "\"snapshotStart\":false}");
    var patched = server.call("PATCH", SETTINGS, "{\"properties\":{\"isolation\":null}}");
    var all = PoolSettings.all(server.ledger);
    var replaced = put("{}");

    assertThat(patched.at("/properties").toString())
        .isEqualTo(
            "{\"isolation\":null,\"idleStreamSeconds\":20,\"sessionOperations\":true,"
                + "\"ingressProtocol\":\"http2\",\"pingsKeepAlive\":true,"
                + "\"allocationsPerMinute\":30,\"requestsPerSecond\":5,"
                + "\"requestsInFlight\":100,\"connections\":200,\"browserSandbox\":false,"
                + "\"allowedOrigins\":[\"https://app.test\",\"http://localhost:3000\"],"
                + "\"customDomains\":[\"api.customer.test\",\"pool.apps.test\"],"
                + "\"snapshotStart\":false}");
    assertThat(all.values())
        .containsExactly(
            new PoolSettings(
                Optional.empty(),
                Optional.of(Duration.ofSeconds(20)),
                true,
                true,
                true,
                Optional.of(30),
                Optional.of(5),
                Optional.of(100),
                Optional.of(200),
                false,
                List.of("https://app.test", "http://localhost:3000"),
                List.of("api.customer.test", "pool.apps.test"),
                false));
    assertThat(replaced.at("/properties/sessionOperations").asBoolean()).isFalse();
  }

  @Test
  void weakerIsolation_isEnough() {
    assertThat(put("{\"isolation\":\"container\"}").status()).isEqualTo(200);
    assertThat(PoolSettings.all(server.ledger).values())
        .extracting(PoolSettings::isolation)
        .containsExactly(Optional.of(Isolation.CONTAINER));
  }

  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "isolation | \"microvm\" | IsolationNotAvailable | 'gvisor'",
        "isolation | \"GVISOR\" | InvalidParameterValue | gvisor-hostnet",
        "isolation | 1 | InvalidRequestContent | a string",
        "idleStreamSeconds | 0 | InvalidParameterValue | 1 to 86400",
        "idleStreamSeconds | 86401 | InvalidParameterValue | 1 to 86400",
        "idleStreamSeconds | 1.5 | InvalidRequestContent | whole number",
        "allocationsPerMinute | 0 | InvalidParameterValue | 1 to 1000000",
        "requestsPerSecond | 1000001 | InvalidParameterValue | 1 to 1000000",
        "requestsInFlight | 0 | InvalidParameterValue | 1 to 1000000",
        "connections | 0 | InvalidParameterValue | 1 to 1000000",
        "pingsKeepAlive | 1 | InvalidRequestContent | true or false",
        "ingressProtocol | \"http3\" | InvalidParameterValue | http1, http2",
        "browserSandbox | \"off\" | InvalidRequestContent | true or false",
        "customDomains | \"a.apps.test\" | InvalidRequestContent | an array",
        "allowedOrigins | \"https://app.test\" | InvalidRequestContent | an array",
        "sessionOperations | \"perhaps\" | InvalidRequestContent | true or false",
      })
  void oneWrongValue_isOneFaultThatNamesIt(String name, String value, String code, String says) {
    var reply = put("{\"%s\":%s}".formatted(name, value));

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/error/code").asString()).isEqualTo(code);
    assertThat(reply.at("/error/target").asString()).isEqualTo("properties." + name);
    assertThat(reply.at("/error/message").asString()).contains(says);
    assertThat(PoolSettings.all(server.ledger)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "API.customer.test, InvalidParameterValue, in lower case",
    "api.customer.test:443, InvalidParameterValue, not a host name",
    "*.apps.test, InvalidParameterValue, not a host name",
    "sandpool.apps.test, CustomDomainNotAvailable, the server's own host",
    "deep.below.apps.test, CustomDomainNotAvailable, *.apps.test",
    "apps.test, CustomDomainNotAvailable, *.apps.test",
    "evilapps.test, CustomDomainNotAvailable, *.apps.test",
    "elsewhere.test, CustomDomainNotAvailable, api.customer.test",
  })
  void hostThatTheOperatorDoesNotOfferOrThatIsTheServers_isRefused(
      String host, String code, String says) {
    var reply = put("{\"customDomains\":[\"%s\"]}".formatted(host));

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/error/code").asString()).isEqualTo(code);
    assertThat(reply.at("/error/target").asString()).isEqualTo("properties.customDomains[0]");
    assertThat(reply.at("/error/message").asString()).contains(says);
    assertThat(PoolSettings.all(server.ledger)).isEmpty();
  }

  @Test
  void hostOfAnotherPool_isRefusedUntilThatPoolGivesItBack() {
    put("{\"customDomains\":[\"shared.apps.test\"]}");
    server.call("PUT", OTHER_POOL + VERSION, ManagementFixture.poolBody());
    var taken =
        server.call("PUT", OTHER, "{\"properties\":{\"customDomains\":[\"shared.apps.test\"]}}");
    put("{}");
    var free =
        server.call("PUT", OTHER, "{\"properties\":{\"customDomains\":[\"shared.apps.test\"]}}");

    assertThat(taken.status()).isEqualTo(400);
    assertThat(taken.at("/error/message").asString()).contains("another pool's");
    assertThat(free.status()).isEqualTo(200);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "https://App.test",
        "https://app.test/",
        "https://app.test/path",
        "https://app.test:0",
        "https://app.test:443",
        "http://app.test:80",
        "https://app.test:99999",
        "https://user@app.test",
        "app.test",
        "null",
        "https://*.app.test",
        "",
      })
  void originThatNoBrowserWrites_isRefused_sinceItWouldNeverBeMet(String origin) {
    var reply = put("{\"allowedOrigins\":[\"https://app.test\",\"%s\"]}".formatted(origin));

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/error/target").asString()).isEqualTo("properties.allowedOrigins[1]");
    assertThat(reply.at("/error/message").asString()).contains("SCHEME://HOST");
  }

  @Test
  void starAmongOrigins_isRefused_aloneItStandsForAll() {
    assertThat(put("{\"allowedOrigins\":[\"*\",\"https://app.test\"]}").status()).isEqualTo(400);
    assertThat(put("{\"allowedOrigins\":[\"*\"]}").status()).isEqualTo(200);
  }

  @Test
  void change_reachesTheKeeper_sameBodyDoesNot() {
    int before = server.pools.changed().size();
    put("{\"sessionOperations\":true}");
    put("{\"sessionOperations\":true}");

    assertThat(server.pools.changed()).hasSize(before + 1);
  }

  @Test
  void changeOfWhatIsNotAsTheCallerThinks_isRefused() {
    String stale = server.call("GET", SETTINGS).header("ETag");
    put("{\"sessionOperations\":true}");

    var refused = server.call("PATCH", SETTINGS, "{}", "If-Match", stale);
    var current = server.call("GET", SETTINGS).header("ETag");

    assertThat(refused.status()).isEqualTo(412);
    assertThat(refused.at("/error/code").asString()).isEqualTo("PreconditionFailed");
    assertThat(refused.at("/error/message").asString()).contains(stale, current);
    assertThat(server.call("GET", SETTINGS, null, "If-None-Match", current).status())
        .isEqualTo(304);
  }

  @Test
  void settings_goWithTheirPool() {
    put("{\"sessionOperations\":true}");
    server.call("DELETE", POOL + VERSION);
    server.pools.settle();

    assertThat(PoolSettings.all(server.ledger)).isEmpty();
    assertThat(server.call("GET", SETTINGS).status()).isEqualTo(404);
  }

  @Test
  void otherNames_areNotThere() {
    String other = POOL + "/settings/mine" + VERSION;

    assertThat(server.call("GET", other).status()).isEqualTo(404);
    assertThat(server.call("DELETE", SETTINGS).status()).isEqualTo(405);
  }

  @Test
  void settingsOfAPoolThatIsBeingDeleted_areRefused_sinceTheyCouldOutliveIt() {
    server.call("DELETE", POOL + VERSION);

    var refused = put("{\"sessionOperations\":true}");
    server.pools.settle();

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.at("/error/code").asString()).isEqualTo("SessionPoolDeleting");
    assertThat(server.ledger.resources(PoolSettings.TYPE, "")).isEmpty();
  }
}
