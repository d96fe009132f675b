package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.ENVIRONMENT;
import static dev.sandpool.server.management.ManagementFixture.GROUP;
import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.SUBSCRIPTION;
import static dev.sandpool.server.management.ManagementFixture.TENANT;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients ask for on their way to a pool. */
class SubscriptionsAndGroupsTest extends ManagementTestBase {
  private static final String QUERY = "?api-version=2022-12-01";
  private static final String OTHER = "/subscriptions/aaaaaaaa-2222-3333-4444-555555555555";

  @Test
  void subscriptions_areTheDefaultAndThoseThatHoldSomething() {
    server.createEnvironment();
    server.call("PUT", OTHER + "/resourcegroups/rg" + QUERY, "{\"location\":\"westus\"}");

    var all = server.call("GET", "/subscriptions" + QUERY);

    assertThat(all.at("/value")).hasSize(2);
    assertThat(all.at("/value/0/id").asString()).isEqualTo(SUBSCRIPTION);
    assertThat(all.at("/value/0/tenantId").asString()).isEqualTo(TENANT);
    assertThat(all.at("/value/0/state").asString()).isEqualTo("Enabled");
    assertThat(all.at("/value/1/id").asString()).isEqualTo(OTHER);
  }

  @Test
  void anyGuid_isASubscription() {
    assertThat(server.call("GET", OTHER + QUERY).at("/subscriptionId").asString())
        .startsWith("aaaaaaaa");
    assertThat(server.call("GET", "/subscriptions/mine" + QUERY).at("/error/code").asString())
        .isEqualTo("InvalidSubscriptionId");
    assertThat(server.call("GET", "/tenants" + QUERY).at("/value/0/tenantId").asString())
        .isEqualTo(TENANT);
    assertThat(server.call("GET", OTHER + "/locations" + QUERY).at("/value").toString())
        .contains("\"eastasia\"", "\"East Asia\"");
  }

  @Test
  void group_isMadeShownAndChanged() {
    var created = server.call("PUT", GROUP + QUERY, "{\"location\":\"East US\"}");
    var again = server.call("PUT", GROUP + QUERY, "{\"location\":\"eastus\"}");
    var patched = server.call("PATCH", GROUP + QUERY, "{\"tags\":{\"a\":\"b\"}}");
    var shown = server.call("GET", GROUP.replace("/rg", "/RG") + QUERY);

    assertThat(created.status()).isEqualTo(201);
    assertThat(again.status()).isEqualTo(200);
    assertThat(patched.status()).isEqualTo(200);
    assertThat(shown.text())
        .isEqualTo(
            """
            {"id":"%s","name":"rg","type":"Microsoft.Resources/resourceGroups",\
            "location":"eastus","properties":{"provisioningState":"Succeeded"},"tags":{"a":"b"}}\
            """
                .formatted(GROUP));
    assertThat(server.call("HEAD", GROUP + QUERY).status()).isEqualTo(204);
    assertThat(server.call("GET", SUBSCRIPTION + "/resourceGroups" + QUERY).at("/value"))
        .hasSize(1);
  }

  @Test
  void groupThatWasOnlyNamed_isThereWhileItHoldsSomething() {
    var none = server.call("GET", GROUP + QUERY);
    server.createEnvironment();
    var shown = server.call("GET", GROUP + QUERY);

    assertThat(none.status()).isEqualTo(404);
    assertThat(none.at("/error/code").asString()).isEqualTo("ResourceGroupNotFound");
    assertThat(shown.at("/location").asString()).isEqualTo("eastasia");
    assertThat(server.call("GET", SUBSCRIPTION + "/resourceGroups" + QUERY).at("/value/0/name"))
        .hasToString("\"rg\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | 400 | LocationRequired",
        "{\"location\":\"a/b\"} | 400 | InvalidParameterValue",
        "{\"location\":\"westus\",\"tags\":{\"a\":1}} | 400 | InvalidRequestContent",
        "{\"location\":\"westus\"} | 409 | InvalidResourceLocation",
      })
  void group_wrongBody_isRefused(String body, int status, String code) {
    server.call("PUT", GROUP + QUERY, "{\"location\":\"eastus\"}");

    var reply = server.call("PUT", GROUP + QUERY, body);

    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.at("/error/code").asString()).isEqualTo(code);
  }

  @Test
  void deletedGroup_takesItsContentsAlong() {
    server.call("PUT", GROUP + QUERY, "{\"location\":\"eastus\"}");
    server.createPool();

    var deleted = server.call("DELETE", GROUP + QUERY);
    String operation = deleted.header("Location");
    var running = server.call("GET", operation);
    server.pools.settle();
    var done = server.call("GET", operation);

    assertThat(deleted.status()).isEqualTo(202);
    assertThat(deleted.header("Retry-After")).isEqualTo("1");
    assertThat(running.status()).isEqualTo(202);
    assertThat(done.status()).isEqualTo(200);
    assertThat(server.call("GET", POOL + VERSION).status()).isEqualTo(404);
    assertThat(server.call("GET", ENVIRONMENT + VERSION).status()).isEqualTo(404);
    assertThat(server.call("GET", GROUP + QUERY).status()).isEqualTo(404);
    assertThat(server.call("DELETE", GROUP + QUERY).status()).isEqualTo(404);
    assertThat(server.call("GET", SUBSCRIPTION + "/operationresults/bm9uZQ").status())
        .isEqualTo(404);
  }

  @Test
  void groupWhoseEnvironmentOthersUse_staysWhole() {
    server.createEnvironment();
    String other = POOL.replace("/rg/", "/rg2/");
    server.call("PUT", other + VERSION, ManagementFixture.poolBody());

    var refused = server.call("DELETE", GROUP + QUERY);

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.at("/error/message").asString()).contains(other);
    assertThat(server.call("GET", ENVIRONMENT + VERSION).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Microsoft.App",
        "microsoft.operationalinsights",
        "Microsoft.Authorization",
        "Microsoft.Resources"
      })
  void provider_isRegistered(String name) {
    String path = SUBSCRIPTION + "/providers/" + name;

    assertThat(server.call("GET", path + QUERY).at("/registrationState").asString())
        .isEqualTo("Registered");
    assertThat(server.call("POST", path + "/register" + QUERY).status()).isEqualTo(200);
  }

  @Test
  void otherProviders_areNotThere() {
    var reply = server.call("GET", SUBSCRIPTION + "/providers/Microsoft.Compute" + QUERY);

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.at("/error/code").asString()).isEqualTo("InvalidResourceNamespace");
    assertThat(server.call("GET", SUBSCRIPTION + "/providers" + QUERY).at("/value")).hasSize(5);
  }

  @Test
  void operations_nameWhatRolesName() {
    var reply = server.call("GET", "/providers/Microsoft.App/operations" + VERSION);

    assertThat(reply.at("/value").toString())
        .contains(
            "Microsoft.App/sessionPools/write",
            "Microsoft.App/sessionPools/interpreters/execute/action");
  }

  @Test
  void metadata_isForThoseWhoHaveNoTokenYet() {
    var old =
        server.send(server.request("GET", "/metadata/endpoints?api-version=2015-01-01", null));
    var list =
        server.send(server.request("GET", "/metadata/endpoints?api-version=2022-09-01", null));

    assertThat(old.at("/authentication/loginEndpoint").asString()).isEqualTo(server.base() + "/");
    assertThat(old.at("/authentication/audiences/0").asString())
        .isEqualTo("https://management.core.windows.net/");
    assertThat(list.at("/0/resourceManager").asString()).isEqualTo(server.base() + "/");
    assertThat(list.at("/0/authentication/tenant").asString()).isEqualTo(TENANT);
  }

  @Test
  void mcpCredentials_areThoseOfAServerThatIsNotThere() {
    server.createPool();

    for (String call : new String[] {"fetchMCPServerCredentials", "rotateMcpServerCredentials"}) {
      var reply = server.call("POST", POOL + "/" + call + VERSION);

      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.at("/error/code").asString()).isEqualTo("SessionMCPServerNotEnabled");
    }
    assertThat(server.call("POST", POOL + "2/fetchMcpServerCredentials" + VERSION).status())
        .isEqualTo(404);
  }
}
