package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.GROUP;
import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.SUBSCRIPTION;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every request: who calls, where to, with which version and how much. */
class ManagementHttpTest extends ManagementTestBase {
  @Test
  void stranger_learnsNothingOfWhatExists() {
    var none = server.send(server.request("GET", POOL + VERSION, null));
    var wrong =
        server.send(server.request("GET", "/x", null).header("Authorization", "Bearer data-plane"));

    assertThat(none.status()).isEqualTo(401);
    assertThat(none.at("/error/code").asString()).isEqualTo("Unauthenticated");
    assertThat(none.header("WWW-Authenticate")).startsWith("Bearer");
    assertThat(wrong.status()).isEqualTo(401);
  }

  @Test
  void mount_answersWithoutToken() {
    assertThat(server.send(server.request("GET", "/open/token", null)).text())
        .isEqualTo("open to all");
  }

  @Test
  void apiVersion_missing_isRefused() {
    var reply = server.call("GET", POOL);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/error/code").asString()).isEqualTo("MissingApiVersionParameter");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2022-03-01", "2023-07-31", "newest", "2025-1-1", "2025-07-01%0d%0a"})
  void apiVersion_olderOrNone_isRefusedWithTheSupported(String version) {
    var reply = server.call("GET", POOL + "?api-version=" + version);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/error/message").asString()).contains("2023-08-01-preview", "2026-07-01");
  }

  @Test
  void missingPool_isArms404() {
    var reply = server.call("GET", POOL + VERSION);

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.header("x-ms-failure-cause")).isEqualTo("gateway");
    assertThat(reply.at("/error/code").asString()).isEqualTo("ResourceNotFound");
    assertThat(reply.at("/error/message").asString())
        .isEqualTo(
            "The Resource 'Microsoft.App/sessionPools/my-pool' under resource group 'rg' was not"
                + " found.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/subscription",
        "/nothing/here",
        "/subscriptions/%zz/providers/Microsoft.App",
        "/subscriptions/11111111-2222-3333-4444-555555555555/providers/Microsoft.App/locations/x/operationStatuses/bm9uZQ"
      })
  void unknownPath_is404(String path) {
    var reply =
        path.contains("%zz")
            ? server.call("GET", "/subscriptions/a%2Fb/providers/Microsoft.App" + VERSION)
            : server.call("GET", path + VERSION);

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.header("x-ms-failure-cause")).isEqualTo("gateway");
    assertThat(reply.at("/error/code").asString()).isEqualTo("ResourceNotFound");
  }

  @Test
  void wrongMethod_is405WithTheRightOnes() {
    var reply = server.call("POST", POOL + VERSION, "{}");

    assertThat(reply.status()).isEqualTo(405);
    assertThat(reply.header("Allow")).isEqualTo("DELETE, GET, PATCH, PUT");
  }

  @Test
  void body_overOneMebibyte_isRefused() {
    var reply = server.call("PUT", POOL + VERSION, " ".repeat(Management.MAX_BODY_BYTES + 1));

    assertThat(reply.status()).isEqualTo(413);
  }

  @Test
  void subscription_thatIsNoGuid_isRefused() {
    var reply =
        server.call("GET", "/subscriptions/me/providers/Microsoft.App/sessionPools" + VERSION);

    assertThat(reply.at("/error/code").asString()).isEqualTo("InvalidSubscriptionId");
  }

  @Test
  void group_withImpossibleName_isRefused() {
    server.createEnvironment();
    String path = POOL.replace("/rg/", "/r%20g/");

    var reply = server.call("PUT", path + VERSION, ManagementFixture.poolBody());

    assertThat(reply.at("/error/code").asString()).isEqualTo("InvalidResourceGroup");
  }

  @Test
  void operationOfAnotherSubscription_isUnknown() {
    server.createEnvironment();
    var created = server.call("PUT", POOL + VERSION, ManagementFixture.poolBody());
    String url = created.header("Azure-AsyncOperation");

    assertThat(server.call("GET", url.replace("11111111-", "22222222-")).status()).isEqualTo(404);
  }

  @Test
  void provider_isRegisteredWithItsTypes() {
    String path = SUBSCRIPTION + "/providers/microsoft.app?api-version=2022-09-01";

    var reply = server.call("GET", path);

    assertThat(reply.at("/registrationState").asString()).isEqualTo("Registered");
    assertThat(reply.at("/resourceTypes/1/resourceType").asString()).isEqualTo("sessionPools");
    assertThat(reply.at("/resourceTypes/1/locations").toString()).contains("East Asia");
  }

  @Test
  void version_tellsWhatIsolationIs() {
    assertThat(server.call("GET", "/sandpool/version").text())
        .isEqualTo(
            "{\"version\":\"1.2.3\",\"isolation\":\"gvisor\",\"runtime\":\"runsc 1 (systrap)\","
                + "\"instance\":\"abcd\"}");
  }

  @Test
  void doubledSlashes_arePassedOver() {
    String path = "/" + GROUP + "//providers/Microsoft.App/sessionPools/";

    assertThat(server.call("GET", server.base() + path + VERSION).status()).isEqualTo(200);
  }
}
