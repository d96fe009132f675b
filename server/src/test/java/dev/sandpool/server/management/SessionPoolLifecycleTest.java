package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.ENVIRONMENT;
import static dev.sandpool.server.management.ManagementFixture.GROUP;
import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.SUBSCRIPTION;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static dev.sandpool.server.management.ManagementFixture.poolBody;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.server.ledger.Lifecycle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Create, read, change and delete a pool, as clients that wait for operations do it. */
class SessionPoolLifecycleTest extends ManagementTestBase {
  @Test
  void put_documentedBody_isRecordedAndAnsweredInTheContractsOrder() {
    server.createEnvironment();

    var reply = server.call("PUT", POOL + VERSION, poolBody());

    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.at("/properties/provisioningState").asString()).isEqualTo("InProgress");
    assertThat(reply.at("/systemData/createdAt").asString())
        .isEqualTo("2026-11-22T10:00:00.1234567Z");
    assertThat(reply.at("/properties/poolManagementEndpoint").asString())
        .isEqualTo(server.base() + GROUP + "/sessionPools/my-pool");
    assertThat(reply.header("api-supported-versions")).contains("2025-07-01");
    assertThat(reply.header("x-ms-request-id")).isNotEmpty();
    assertThat(names((ObjectNode) reply.json()))
        .containsExactly(
            "id", "name", "type", "location", "tags", "systemData", "properties", "identity");
    assertThat(reply.at("/type").asString()).isEqualTo("Microsoft.App/sessionpools");

    var pool = server.pool();
    assertThat(server.pools.changed()).containsExactly(pool.id());
    assertThat(pool.lifecycle()).isEqualTo(new Lifecycle.Timed(Duration.ofMinutes(10)));
    assertThat(pool.network()).isEqualTo(NetworkStatus.EGRESS_ENABLED);
    assertThat(pool.maxSessions()).isEqualTo(10);
    assertThat(pool.readySessions()).isEqualTo(5);
    assertThat(pool.desired().memoryBytes()).isEqualTo(512L << 20);
    assertThat(pool.desired().env()).isEqualTo(Map.of("key1", "value1", "KEY2", "hunter2-secret"));
    assertThat(pool.desired().registry()).isNotNull();
  }

  @Test
  void get_preview_hasEveryPropertyOfTheRecordedAnswerInItsOrder() {
    server.createPool();

    var reply = server.call("GET", POOL + "?api-version=2025-02-02-preview");

    assertThat(names((ObjectNode) reply.at("/properties")))
        .containsExactly(
            "environmentId",
            "poolManagementType",
            "containerType",
            "scaleConfiguration",
            "secrets",
            "dynamicPoolConfiguration",
            "customContainerTemplate",
            "sessionNetworkConfiguration",
            "provisioningState",
            "nodeCount",
            "poolManagementEndpoint",
            "templateUpdateStatus",
            "managedIdentitySettings",
            "mcpServerSettings",
            "sandpoolIsolation");
    assertThat(reply.at("/systemData/createdAt").asString()).doesNotEndWith("Z");
    assertThat(reply.at("/properties/provisioningState").asString()).isEqualTo("Succeeded");
    assertThat(reply.at("/properties/nodeCount").asInt()).isEqualTo(1);
    var active = reply.at("/properties/templateUpdateStatus/activeTemplate");
    assertThat(active.at("/status/readyCount").asInt()).isEqualTo(2);
    assertThat(reply.at("/properties/sandpoolIsolation").asString()).isEqualTo("gvisor");
  }

  @Test
  void get_stableAndOldVersions_haveOnlyWhatIsTheirs() {
    server.createPool();

    var stable = server.call("GET", POOL + "?api-version=2026-01-01").at("/properties");
    var old = server.call("GET", POOL + "?api-version=2024-02-02-preview").at("/properties");
    var unlisted = server.call("GET", POOL + "?api-version=2027-01-01").at("/properties");

    assertThat(stable.has("templateUpdateStatus")).isFalse();
    assertThat(stable.has("mcpServerSettings")).isFalse();
    assertThat(old.at("/dynamicPoolConfiguration/executionType").asString()).isEqualTo("Timed");
    assertThat(unlisted).isEqualTo(stable);
  }

  @Test
  void createOperation_runsUntilThePoolIsUp() {
    server.createEnvironment();
    var created = server.call("PUT", POOL + VERSION, poolBody());
    String url = created.header("Azure-AsyncOperation");
    assertThat(created.header("Retry-After")).isEqualTo("1");
    assertThat(url)
        .startsWith(
            server.base()
                + SUBSCRIPTION
                + "/providers/Microsoft.App/locations/eastasia/operationStatuses/");

    var running = server.call("GET", url);
    server.pools.settle();
    var done = server.call("GET", url);

    assertThat(running.at("/status").asString()).isEqualTo("InProgress");
    assertThat(running.header("Retry-After")).isEqualTo("1");
    assertThat(running.at("/properties/phase").asString()).isEqualTo("pulling image");
    assertThat(running.at("/startTime").asString()).isEqualTo("2026-11-22T10:00:00.1230000");
    assertThat(running.at("/id").asString()).endsWith(running.at("/name").asString());
    assertThat(done.at("/status").asString()).isEqualTo("Succeeded");
    assertThat(done.json().has("error")).isFalse();
  }

  @Test
  void createOperation_failure_namesTheCause() {
    server.createEnvironment();
    var created = server.call("PUT", POOL + VERSION, poolBody());
    server.pools.fail("ImagePullFailed", "no such image");

    var failed = server.call("GET", created.header("Azure-AsyncOperation"));

    assertThat(failed.status()).isEqualTo(200);
    assertThat(failed.at("/status").asString()).isEqualTo("Failed");
    assertThat(failed.at("/error/code").asString()).isEqualTo("ImagePullFailed");
    assertThat(server.call("GET", POOL + VERSION).at("/properties/provisioningState").asString())
        .isEqualTo("Failed");
  }

  @Test
  void put_sameBody_isNoChange() {
    server.createPool();
    var before = server.pool();

    var reply = server.call("PUT", POOL + VERSION, poolBody());

    assertThat(reply.status()).isEqualTo(200);
    assertThat(server.pool()).isEqualTo(before);
    assertThat(server.pools.changed()).hasSize(1);
  }

  @Test
  void put_sameBodyAfterFailure_triesAgainAndResolvesTheTagAnew() {
    server.createEnvironment();
    server.call("PUT", POOL + VERSION, poolBody());
    server.pools.fail("ImagePullFailed", "no such image");

    var reply = server.call("PUT", POOL + VERSION, poolBody());

    assertThat(reply.at("/properties/provisioningState").asString()).isEqualTo("InProgress");
    assertThat(server.pool().generation()).isEqualTo(2);
    assertThat(server.pool().desired().id().number()).isEqualTo(2);
    assertThat(server.pool().desired().imageDigest()).isNull();
  }

  @Test
  void put_otherScale_keepsTheRevision() {
    server.createPool();

    var reply =
        server.call(
            "PUT",
            POOL + VERSION,
            poolBody().replace("\"maxConcurrentSessions\": 10", "\"maxConcurrentSessions\": 20"));

    assertThat(reply.status()).isEqualTo(200);
    assertThat(server.pool().generation()).isEqualTo(2);
    assertThat(server.pool().desired()).isEqualTo(server.pool().active());
    assertThat(server.pool().maxSessions()).isEqualTo(20);
  }

  @Test
  void put_otherTemplate_isANewRevisionAndKeepsTheDigestOfTheSameImage() {
    server.createPool();

    server.call("PUT", POOL + VERSION, poolBody().replace("value1", "value2"));

    assertThat(server.pool().desired().id().number()).isEqualTo(2);
    assertThat(server.pool().desired().imageDigest()).isEqualTo(FakePools.DIGEST);
    assertThat(server.pool().active()).isNotNull();

    server.call("PUT", POOL + VERSION, poolBody().replace("my-image:1.0", "my-image:2.0"));

    assertThat(server.pool().desired().id().number()).isEqualTo(3);
    assertThat(server.pool().desired().imageDigest()).isNull();
  }

  @Test
  void delete_isOverWhenTheKeeperHasRemovedThePool() {
    server.createPool();

    var accepted = server.call("DELETE", POOL + VERSION);
    String location = accepted.header("Location");
    var running = server.call("GET", location);
    var refused = server.call("PUT", POOL + VERSION, poolBody());
    var again = server.call("DELETE", POOL + VERSION);
    var shown = server.call("GET", POOL + VERSION);
    server.pools.settle();

    assertThat(accepted.status()).isEqualTo(202);
    assertThat(accepted.text()).isEmpty();
    assertThat(running.status()).isEqualTo(202);
    assertThat(running.header("Location")).isNotEmpty();
    assertThat(running.header("Retry-After")).isEqualTo("1");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.at("/error/code").asString()).isEqualTo("SessionPoolDeleting");
    assertThat(again.status()).isEqualTo(202);
    assertThat(shown.at("/properties/provisioningState").asString()).isEqualTo("Deleting");
    assertThat(server.call("GET", location).status()).isEqualTo(204);
    assertThat(server.call("DELETE", POOL + VERSION).status()).isEqualTo(204);
    assertThat(server.call("GET", POOL + VERSION).status()).isEqualTo(404);
  }

  @Test
  void recreated_hasAnotherInternalId() {
    server.createPool();
    var first = server.pool().id();
    server.call("DELETE", POOL + VERSION);
    server.pools.settle();

    server.call("PUT", POOL + VERSION, poolBody());

    assertThat(server.pool().id()).isNotEqualTo(first);
  }

  @Test
  void paths_areComparedWithoutCase_andSpellingStays() {
    server.createPool();
    String shouted = POOL.toUpperCase(Locale.ROOT) + "?API-VERSION=2025-07-01";

    assertThat(server.call("GET", shouted).at("/id").asString()).isEqualTo(POOL);
    assertThat(server.call("PUT", shouted, poolBody()).status()).isEqualTo(200);
    assertThat(server.ledger.pools()).hasSize(1);
  }

  @Test
  void lists_holdThePoolsOfTheirScope() {
    server.createPool();
    String other = POOL.replace("/rg/", "/rg2/").replace("my-pool", "otherpool");
    server.call("PUT", other + VERSION, poolBody());

    assertThat(ids(SUBSCRIPTION)).containsExactly(POOL, other);
    assertThat(ids(GROUP)).containsExactly(POOL);
    var none = server.call("GET", GROUP + "x/providers/Microsoft.App/sessionPools" + VERSION);
    assertThat(none.text()).isEqualTo("{\"value\":[]}");
  }

  private java.util.List<String> ids(String scope) {
    var ids = new ArrayList<String>();
    server
        .call("GET", scope + "/providers/Microsoft.App/sessionPools" + VERSION)
        .at("/value")
        .forEach(pool -> ids.add(pool.path("id").asString()));
    return ids;
  }

  @Test
  void sameNameInAnotherGroupOfTheEnvironment_isRefused() {
    server.createPool();

    var reply = server.call("PUT", POOL.replace("/rg/", "/rg2/") + VERSION, poolBody());

    assertThat(reply.status()).isEqualTo(409);
    assertThat(reply.at("/error/code").asString()).isEqualTo("SessionPoolNameInUse");
  }

  @Test
  void environmentWithPools_cannotBeDeleted() {
    server.createPool();

    var refused = server.call("DELETE", ENVIRONMENT + VERSION);

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.at("/error/code").asString()).isEqualTo("ManagedEnvironmentNotEmpty");
    assertThat(refused.at("/error/message").asString()).contains("my-pool");
  }

  @Test
  void ledgerDown_changesNothingAndSaysSo() {
    server.createPool();
    server.ledger.setWritable(false);

    var reply = server.call("PUT", POOL + VERSION, poolBody().replace("value1", "value2"));

    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.at("/error/code").asString()).isEqualTo("LedgerUnavailable");
    assertThat(reply.header("Retry-After")).isEqualTo("1");
  }

  @Test
  void publicDomain_showsEndpointsByHost() throws Exception {
    try (var hosted = new ManagementFixture(PoolLimits.contract(), "Pools.Example")) {
      hosted.createPool();

      String domain =
          hosted.call("GET", ENVIRONMENT + VERSION).at("/properties/defaultDomain").asString();
      var pool = hosted.call("GET", POOL + VERSION);

      assertThat(domain).matches("env-[a-z2-7]{8}\\.eastasia\\.pools\\.example");
      assertThat(pool.at("/properties/poolManagementEndpoint").asString())
          .isEqualTo("http://my-pool." + domain + ":" + hosted.base().getPort());
    }
  }

  private static java.util.List<String> names(ObjectNode node) {
    return node.properties().stream().map(Map.Entry::getKey).toList();
  }

  @Test
  void whileAnUpdateIsUnderWay_theActiveTemplateIsShownAsItWasAskedFor() {
    String preview = "?api-version=2025-10-02-preview";
    server.createEnvironment();
    server.call(
        "PUT",
        POOL + preview,
        """
        {"location":"eastasia","properties":{"environmentId":"%s",
          "secrets":[{"name":"word","value":"unlikely-Secret-5"}],
          "customContainerTemplate":{"ingress":{"targetPort":8080},"containers":[
            {"name":"main","image":"registry.test/app:1","command":["/serve"],
             "env":[{"name":"WORD","secretRef":"word"}],
             "probes":[{"type":"Liveness","tcpSocket":{"port":8080}}],
             "resources":{"cpu":0.5,"memory":"1Gi"}}]}}}"""
            .formatted(ManagementFixture.ENVIRONMENT));
    server.pools.settle();
    var before = server.call("GET", POOL + preview).at("/properties/templateUpdateStatus");
    server.now.set(server.now.get().plusSeconds(60));
    server.call(
        "PATCH",
        POOL + preview,
        """
        {"properties":{"customContainerTemplate":{"containers":[
            {"name":"main","image":"registry.test/app:2",
             "env":[{"name":"OTHER","value":"plain"}],
             "resources":{"cpu":0.25,"memory":"0.5Gi"}}]}}}""");

    var reply = server.call("GET", POOL + preview);
    var status = reply.at("/properties/templateUpdateStatus");

    assertThat(before.has("desiredTemplate")).isFalse();
    assertThat(before.at("/activeTemplate/containers/0/env/0/secretRef").asString())
        .isEqualTo("word");
    for (String kept : List.of("containers", "ingress", "createdTime")) {
      assertThat(status.path("activeTemplate").path(kept))
          .as(kept)
          .isEqualTo(before.path("activeTemplate").path(kept));
    }
    assertThat(status.at("/desiredTemplate/containers/0/image").asString()).endsWith("app:2");
    assertThat(status.at("/desiredTemplate/createdTime").asString())
        .isNotEqualTo(status.at("/activeTemplate/createdTime").asString());
    assertThat(reply.text()).doesNotContain("unlikely-Secret-5");
  }
}
