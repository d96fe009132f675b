package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static dev.sandpool.server.management.ManagementFixture.poolBody;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.ledger.Lifecycle;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Merge patches, and secrets, which are written and never read back. */
class SessionPoolPatchTest extends ManagementTestBase {
  @BeforeEach
  void createPool() {
    server.createPool();
  }

  private ManagementFixture.Reply patch(String body) {
    return server.call("PATCH", POOL + VERSION, body);
  }

  @Test
  void patch_numberAsString_isAcceptedAndEndsWithTheResource() {
    var accepted =
        patch(
            """
            {"Properties": {"dynamicPoolConfiguration": {"lifecycleConfiguration":
              {"cooldownPeriodInSeconds": "400", "maxAlivePeriodInSeconds": null}}}}
            """);
    String location = accepted.header("Location");
    var running = server.call("GET", location);
    server.pools.settle();
    var done = server.call("GET", location);

    assertThat(accepted.status()).isEqualTo(202);
    assertThat(accepted.header("Retry-After")).isEqualTo("1");
    assertThat(location).contains("/operationResults/");
    assertThat(running.status()).isEqualTo(202);
    assertThat(done.status()).isEqualTo(200);
    assertThat(done.at("/id").asString()).isEqualTo(POOL);
    assertThat(server.pool().lifecycle()).isEqualTo(new Lifecycle.Timed(Duration.ofSeconds(400)));
    assertThat(server.pool().maxSessions()).isEqualTo(10);
  }

  @Test
  void patch_failure_isTheErrorOfItsResult() {
    var accepted = patch("{\"tags\":{\"a\":\"b\"}}");
    server.pools.fail("HostFull", "no room");

    var failed = server.call("GET", accepted.header("Location"));

    assertThat(failed.status()).isEqualTo(409);
    assertThat(failed.at("/error/code").asString()).isEqualTo("HostFull");
  }

  @Test
  void patch_withoutSecrets_keepsThem() {
    patch("{\"properties\":{\"scaleConfiguration\":{\"maxConcurrentSessions\":20}}}");

    var desired = server.pool().desired();
    assertThat(desired.id().number()).isEqualTo(1);
    assertThat(Objects.requireNonNull(desired.registry()).password()).isEqualTo("hunter2-secret");
    assertThat(desired.env()).containsEntry("KEY2", "hunter2-secret");
  }

  @Test
  void patch_newSecretValue_isANewRevision() {
    patch("{\"properties\":{\"secrets\":[{\"name\":\"registrypassword\",\"value\":\"changed\"}]}}");

    assertThat(server.pool().desired().env()).containsEntry("KEY2", "changed");
    assertThat(server.pool().desired().id().number()).isEqualTo(2);
  }

  @Test
  void patch_newPasswordOfTheRegistryAlone_restartsNothing() {
    patch(
        """
        {"properties":{"customContainerTemplate":{"containers":[
          {"image":"registry.example:5000/my-image:1.0"}]}}}
        """);
    server.pools.settle();
    var before = server.pool();
    patch("{\"properties\":{\"secrets\":[{\"name\":\"registrypassword\",\"value\":\"new\"}]}}");

    var after = server.pool();
    assertThat(after.generation()).isEqualTo(before.generation() + 1);
    assertThat(after.desired().id()).isEqualTo(before.desired().id());
    assertThat(Objects.requireNonNull(after.desired().registry()).password()).isEqualTo("new");
    assertThat(after.active()).isEqualTo(after.desired());
  }

  @Test
  void patch_secretByNameAlone_keepsItsValue_andThoseNotNamedGo() {
    var reply =
        patch(
            """
            {"properties":{"secrets":[
              {"name":"registrypassword","keyVaultUrl":"","identity":""},
              {"name":"other","value":"x"}]}}
            """);

    assertThat(reply.status()).isEqualTo(202);
    assertThat(server.pool().desired().env()).containsEntry("KEY2", "hunter2-secret");

    var refused = patch("{\"properties\":{\"secrets\":[{\"name\":\"other\"}]}}");
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.at("/error/message").asString()).contains("registrypassword");
  }

  @Test
  void patch_array_replacesWholesale() {
    patch(
        """
        {"properties":{"customContainerTemplate":{"containers":[
          {"image":"registry.example:5000/my-image:1.0"}]}}}
        """);

    assertThat(server.pool().desired().env()).isEqualTo(Map.of());
    assertThat(server.pool().desired().command()).isEmpty();
    assertThat(server.pool().desired().targetPort()).isEqualTo(80);
  }

  @Test
  void patch_null_bringsTheDefaultBack() {
    patch("{\"tags\":null,\"properties\":{\"scaleConfiguration\":null}}");

    assertThat(server.pool().maxSessions()).isEqualTo(10);
    assertThat(server.call("GET", POOL + VERSION).json().has("tags")).isFalse();
  }

  @Test
  void patch_environmentOrLocation_cannotMoveThePool() {
    var environment =
        patch(
            "{\"properties\":{\"environmentId\":\"%sx\"}}"
                .formatted(ManagementFixture.ENVIRONMENT));
    var location = patch("{\"location\":\"westus\"}");

    assertThat(environment.at("/error/code").asString()).isEqualTo("PropertyChangeNotAllowed");
    assertThat(location.at("/error/code").asString()).isEqualTo("InvalidResourceLocation");
    assertThat(patch("{\"location\":\"eastasia\"}").status()).isEqualTo(202);
  }

  @Test
  void patch_whatWasRead_isNoChange() {
    var before = server.pool();
    String read = server.call("GET", POOL + "?api-version=2025-02-02-preview").text();

    var reply = patch(read);

    assertThat(reply.status()).isEqualTo(202);
    assertThat(reply.header("sandpool-warning")).isEmpty();
    assertThat(server.pool()).isEqualTo(before);
  }

  @Test
  void patch_ofNone_is404() {
    assertThat(server.call("PATCH", POOL + "x" + VERSION, "{}").status()).isEqualTo(404);
  }

  @Test
  void secrets_areNeverShownAndNeverStoredInPlain() {
    String shown = server.call("GET", POOL + "?api-version=2025-02-02-preview").text();
    String put = server.call("PUT", POOL + VERSION, poolBody()).text();
    String document = server.ledger.resource(POOL).orElseThrow().document();

    assertThat(shown + put + document).doesNotContain("hunter2");
    assertThat(shown + put).doesNotContain("sealedSecrets");
    assertThat(document).contains("sealedSecrets");
    assertThat(server.call("GET", POOL + VERSION).at("/properties/secrets").toString())
        .isEqualTo("[{\"name\":\"registrypassword\",\"keyVaultUrl\":\"\",\"identity\":\"\"}]");
  }

  @Test
  void templateStatus_ofAnOlderRevision_showsItsEnvironmentAndNoSecret() {
    server.call("PUT", POOL + VERSION, poolBody().replace("my-image:1.0", "my-image:2.0"));

    var status =
        server
            .call("GET", POOL + "?api-version=2025-02-02-preview")
            .at("/properties/templateUpdateStatus");

    assertThat(status.at("/activeTemplate/containers/0/image").asString()).endsWith("1.0");
    assertThat(status.at("/activeTemplate/containers/0").has("env")).isTrue();
    assertThat(status.at("/desiredTemplate/containers/0/image").asString()).endsWith("2.0");
    assertThat(status.toString()).doesNotContain("hunter2");
  }
}
