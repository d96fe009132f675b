package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.GROUP;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code env create} does on its way. */
class WorkspacesTest extends ManagementTestBase {
  private static final String ALL = GROUP + "/providers/Microsoft.OperationalInsights/workspaces";
  private static final String ONE = ALL + "/workspace-rg7f?api-version=2022-10-01";
  private static final String KEYS = ALL + "/workspace-rg7f/sharedKeys?api-version=2020-08-01";
  private static final String BODY =
      "{\"location\":\"eastasia\",\"properties\":{\"sku\":{\"name\":\"PerGB2018\"},"
          + "\"retentionInDays\":\"30\",\"workspaceCapping\":{}}}";

  @Test
  void workspace_isMadeShownAndHasKeys() {
    var created = server.call("PUT", ONE, BODY);
    var shown = server.call("GET", ONE);
    var keys = server.call("POST", KEYS);

    assertThat(created.status()).isEqualTo(201);
    assertThat(shown.at("/properties/provisioningState").asString()).isEqualTo("Succeeded");
    assertThat(shown.at("/properties/customerId").asString()).hasSize(36);
    assertThat(shown.at("/properties/retentionInDays").asInt()).isEqualTo(30);
    assertThat(keys.at("/primarySharedKey").asString()).hasSize(88);
    assertThat(keys.at("/secondarySharedKey")).isNotEqualTo(keys.at("/primarySharedKey"));
    assertThat(server.call("GET", ALL).at("/value")).hasSize(1);
  }

  @Test
  void keys_areKeptSealedAndStay() {
    server.call("PUT", ONE, BODY);
    String key = server.call("POST", KEYS).at("/primarySharedKey").asString();
    var again = server.call("PUT", ONE, BODY.replace("30", "60"));

    assertThat(again.status()).isEqualTo(200);
    assertThat(again.text()).doesNotContain(key, "sealedKeys");
    assertThat(server.call("POST", KEYS).at("/primarySharedKey").asString()).isEqualTo(key);
    assertThat(server.ledger.resources(LogAnalyticsWorkspaces.TYPE, "").getFirst().document())
        .doesNotContain(key);
  }

  @Test
  void deleted_isGone() {
    server.call("PUT", ONE, BODY);

    assertThat(server.call("DELETE", ONE).status()).isEqualTo(200);
    assertThat(server.call("DELETE", ONE).status()).isEqualTo(204);
    assertThat(server.call("GET", ONE).status()).isEqualTo(404);
    assertThat(server.call("POST", KEYS).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "workspace-rg7f | {} | LocationRequired | location",
        "a-b | {\"location\":\"x\"} | InvalidResourceName | name",
        "workspace-rg7f | {\"location\":\"x\",\"properties\":{\"retentionInDays\":6}}"
            + " | InvalidParameterValue | properties.retentionInDays",
      })
  void oneWrongValue_isOneFault(String name, String body, String code, String target) {
    var reply = server.call("PUT", ALL + "/" + name, body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/error/code").asString()).isEqualTo(code);
    assertThat(reply.at("/error/target").asString()).isEqualTo(target);
  }
}
