package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.ENVIRONMENT;
import static dev.sandpool.server.management.ManagementFixture.GROUP;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ManagedEnvironmentTest extends ManagementTestBase {
  private static final String BODY =
      """
      {"Name": "env", "location": "eastasia", "tags": null, "properties": {
        "daprAIInstrumentationKey": null,
        "vnetConfiguration": null,
        "appLogsConfiguration": {"destination": "log-analytics",
          "logAnalyticsConfiguration": {"customerId": "c", "sharedKey": "hunter2"}},
        "workloadProfiles": [{"name": "Consumption", "workloadProfileType": "Consumption"}]}}
      """;

  @Test
  void put_isThereAtOnceWithADomain() {
    var created = server.call("PUT", ENVIRONMENT + VERSION, BODY);
    var operation = server.call("GET", created.header("Azure-AsyncOperation"));
    var again = server.call("PUT", ENVIRONMENT + VERSION, BODY);

    assertThat(created.status()).isEqualTo(201);
    assertThat(created.header("sandpool-warning")).isEmpty();
    assertThat(created.at("/properties/provisioningState").asString()).isEqualTo("Succeeded");
    assertThat(created.at("/properties/sandpoolIsolation").asString()).isEqualTo("gvisor");
    assertThat(created.at("/properties/defaultDomain").asString())
        .matches("env-[a-z2-7]{8}\\.eastasia\\.sandpool\\.localhost");
    assertThat(operation.at("/status").asString()).isEqualTo("Succeeded");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.at("/properties/defaultDomain"))
        .isEqualTo(created.at("/properties/defaultDomain"));
  }

  @Test
  void sharedKey_isNeitherShownNorStored() {
    var created = server.call("PUT", ENVIRONMENT + VERSION, BODY);

    assertThat(created.at("/properties/appLogsConfiguration").toString())
        .isEqualTo(
            "{\"destination\":\"log-analytics\",\"logAnalyticsConfiguration\":"
                + "{\"customerId\":\"c\"}}");
    assertThat(server.ledger.resource(ENVIRONMENT).orElseThrow().document())
        .doesNotContain("hunter2");
  }

  @Test
  void workloadProfiles_defaultToConsumption() {
    server.createEnvironment();

    var shown = server.call("GET", ENVIRONMENT + VERSION);

    assertThat(shown.at("/location").asString()).isEqualTo("East Asia");
    assertThat(shown.at("/properties/workloadProfiles/0/name").asString()).isEqualTo("Consumption");
  }

  @Test
  void patch_changesTagsAlone() {
    server.createEnvironment();

    var patched = server.call("PATCH", ENVIRONMENT + VERSION, "{\"tags\":{\"a\":\"b\"}}");

    assertThat(patched.status()).isEqualTo(200);
    assertThat(patched.at("/tags/a").asString()).isEqualTo("b");
    assertThat(patched.at("/properties/defaultDomain").asString()).isNotEmpty();
  }

  @Test
  void delete_thenNone() {
    server.createEnvironment();

    var deleted = server.call("DELETE", ENVIRONMENT + VERSION);

    assertThat(deleted.status()).isEqualTo(202);
    assertThat(server.call("GET", deleted.header("Location")).status()).isEqualTo(204);
    assertThat(server.call("DELETE", ENVIRONMENT + VERSION).status()).isEqualTo(204);
    assertThat(server.call("GET", ENVIRONMENT + VERSION).status()).isEqualTo(404);
  }

  @Test
  void list_holdsIt() {
    server.createEnvironment();
    String path = GROUP + "/providers/Microsoft.App/managedEnvironments";

    assertThat(server.call("GET", path + VERSION).at("/value/0/id").asString())
        .isEqualTo(ENVIRONMENT);
  }

  @Test
  void put_wrongBody_isRefused() {
    assertThat(server.call("PUT", ENVIRONMENT + VERSION, "{}").at("/error/code").asString())
        .isEqualTo("LocationRequired");
    assertThat(server.call("PUT", ENVIRONMENT + "-" + VERSION, BODY).at("/error/code").asString())
        .isEqualTo("InvalidResourceName");
    server.createEnvironment();
    String moved = "{\"location\":\"westus\"}";
    assertThat(server.call("PUT", ENVIRONMENT + VERSION, moved).status()).isEqualTo(409);
  }
}
