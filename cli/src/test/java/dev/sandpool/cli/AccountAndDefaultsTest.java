package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AccountAndDefaultsTest extends CliTestBase {
  private static final String OTHER = "11111111-2222-3333-4444-555555555555";

  @Test
  void variablesGoBeforeWhatWasConfiguredAndTypedGoesBeforeBoth() {
    user.type("sandpool configure --defaults group=configured location=eastus");
    server.answerElse("{\"name\":\"e\",\"value\":[]}");
    user.type("sandpool sessionpool list");
    user.environment.put("AZURE_DEFAULTS_GROUP", "azure");
    user.type("sandpool sessionpool list");
    user.environment.put("SANDPOOL_DEFAULTS_GROUP", "ours");
    user.type("sandpool sessionpool list");
    user.type("sandpool sessionpool list -g typed");
    assertThat(server.lines().stream().filter(line -> line.startsWith("GET ")))
        .extracting(line -> line.split("/")[4])
        .containsExactly("configured", "azure", "ours", "typed");
    user.environment.put("AZURE_DEFAULTS_LOCATION", "westus");
    user.type("sandpool env create -n e");
    assertThat(server.seen().getLast().json().path("location").asString()).isEqualTo("westus");
  }

  @Test
  void chosenSubscriptionIsUsedUntilItIsTakenBack() {
    server.answerElse("{\"value\":[]}");
    assertThat(user.type("sandpool account set -s " + OTHER).code()).isZero();
    assertThat(user.type("sandpool account show --query id -o tsv").out()).isEqualTo(OTHER + "\n");
    assertThat(user.type("sandpool account list --query [].[id,isDefault] -o tsv").out())
        .isEqualTo(OTHER + "\ttrue\nsub-1\tfalse\n");
    user.type("sandpool sessionpool list");
    user.type("sandpool sessionpool list --subscription sub-2");
    user.type("sandpool account set --subscription \"\"");
    user.type("sandpool sessionpool list");
    assertThat(server.lines().stream().filter(line -> line.startsWith("GET ")))
        .extracting(line -> line.split("/")[2])
        .containsExactly(OTHER, "sub-2", "sub-1");
    assertThat(user.type("sandpool account set").err())
        .isEqualTo("ERROR: the following arguments are required: --subscription/-s\n");
  }

  @Test
  void accountShowsWhoAndWhereButNoSecret() {
    var shown = user.type("sandpool account show");
    assertThat(shown.code()).as(shown.err()).isZero();
    assertThat(shown.out())
        .contains("\"tenantId\": \"tenant-1\"", "\"name\": \"client-1\"", "\"isDefault\": true")
        .doesNotContain("hidden-1");
    assertThat(server.lines()).as("asks no server").isEmpty();
  }

  @Test
  void accessTokenComesWithItsExpiryFreshOrKept() {
    long expires = User.NOW.getEpochSecond() + 3600;
    for (int i = 0; i < 2; i++) {
      var token =
          user.type("sandpool account get-access-token --query [accessToken,expires_on] -o tsv");
      assertThat(token.out()).isEqualTo("token-1\n" + expires + "\n");
    }
    assertThat(server.lines()).hasSize(1);
  }

  @Test
  void onlyErrorsAreShownWhereNothingElseIsWanted() {
    server.on("DELETE " + StubServer.pool("p"), 202, "", "Location", server.url() + "/results/1");
    server.on("GET /results/1", 204, "");
    var deleted =
        user.type("sandpool sessionpool delete -n p -g my-group --yes --only-show-errors");
    assertThat(deleted.code()).isZero();
    assertThat(deleted.err()).isEmpty();
    var missing = user.type("sandpool sessionpool show -n q -g my-group --only-show-errors");
    assertThat(missing.code()).isEqualTo(3);
    assertThat(missing.err()).startsWith("ERROR: (ResourceNotFound)");
  }

  @Test
  void questionIsAskedEvenIfOnlyErrorsAreWanted() {
    user.terminal = true;
    user.input = "n\n";
    assertThat(user.type("sandpool sessionpool delete -n p -g my-group --only-show-errors").err())
        .contains("Are you sure");
  }

  @Test
  void verboseTellsRequestsAndDebugAlsoTheAnswersHeaders() {
    server.on("GET " + StubServer.pool("r"), 200, "{}", "x-ms-request-id", "request-7");
    String show = "sandpool sessionpool show -n r -g my-group";
    assertThat(user.type(show + " --verbose").err())
        .contains("INFO: GET " + server.url() + StubServer.pool("r"))
        .doesNotContain("request-7");
    assertThat(user.type(show + " --debug").err())
        .contains("DEBUG: GET ")
        .contains("DEBUG:   x-ms-request-id: request-7");
    server.on("POST /p/.management/getSession", 200, "{}");
    assertThat(user.type("sandpool session show -n p -g my-group -i hush-hush --debug").err())
        .contains("identifier=***")
        .doesNotContain("hush-hush");
  }
}
