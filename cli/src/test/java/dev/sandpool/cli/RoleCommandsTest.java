package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** Roles are given to the one who was meant, or nothing is sent. */
class RoleCommandsTest extends CliTestBase {
  private static final String GROUP = "/subscriptions/sub-1/resourceGroups/my-group";
  private static final String PROVIDER = "/providers/Microsoft.Authorization/";
  private static final String DEFINITION = PROVIDER + "roleDefinitions/role-1";

  private void definitions() {
    server.on(
        "GET " + GROUP + PROVIDER + "roleDefinitions",
        200,
        """
        {"value":[{"id":"%s","name":"role-1","properties":{"roleName":"Reader"}}]}"""
            .formatted(DEFINITION));
  }

  private StubServer.Seen assignment() {
    return server.seen().stream()
        .filter(it -> it.line().startsWith("PUT " + GROUP + PROVIDER + "roleAssignments/"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void applicationIsFoundByItsAppId() {
    definitions();
    server.on(
        "GET /sandpool/principals",
        200,
        "{\"value\":[{\"appId\":\"other\",\"id\":\"o-0\"},{\"appId\":\"app-1\",\"id\":\"o-1\"}]}");
    server.answerElse("{\"id\":\"assignment-1\"}");

    var typed =
        user.type(
            "sandpool role assignment create --assignee APP-1 --role reader --scope " + GROUP);

    assertThat(typed.out()).contains("assignment-1");
    assertThat(assignment().json().path("properties").path("principalId").asString(""))
        .isEqualTo("o-1");
    assertThat(assignment().json().path("properties").path("roleDefinitionId").asString(""))
        .isEqualTo(DEFINITION);
  }

  @Test
  void whoMayNotSeePrincipalsNamesAnObjectId() {
    definitions();
    server.answerElse("{\"id\":\"assignment-1\"}");

    user.type(
        "sandpool role assignment create --assignee-object-id o-2 --role role-1"
            + " --assignee-principal-type Group --scope "
            + GROUP);

    assertThat(server.seen()).noneMatch(it -> it.line().equals("GET /sandpool/principals"));
    assertThat(assignment().json().path("properties").path("principalType").asString(""))
        .isEqualTo("Group");
  }

  @Test
  void whoMakesAPoolIsGivenTheRoleToUseItOrTold() {
    String claims =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString("{\"oid\":\"me-1\"}".getBytes(StandardCharsets.UTF_8));
    server.replace(
        "POST /tenant-1/oauth2/v2.0/token",
        "{\"access_token\":\"h.%s.s\",\"expires_in\":3600}".formatted(claims));
    String pool = StubServer.pool("p");
    server.on("PUT " + pool, 200, "{\"id\":\"" + pool + "\"}");
    server.answerElse("{}");

    var typed =
        user.type(
            "sandpool sessionpool create -n p -g my-group --environment my-environment"
                + " --image agent:1.0 --target-port 80");

    assertThat(typed.err()).doesNotContain("WARNING");
    StubServer.Seen given =
        server.seen().stream()
            .filter(it -> it.line().startsWith("PUT " + pool + PROVIDER + "roleAssignments/"))
            .findFirst()
            .orElseThrow();
    assertThat(given.json().path("properties").path("principalId").asString("")).isEqualTo("me-1");
    assertThat(given.body()).contains("0fb8eba5-a2bb-4abe-b1c1-49dfad359bb0");

    server.answerElse(null);
    typed =
        user.type(
            "sandpool sessionpool create -n p -g my-group --environment my-environment"
                + " --image agent:1.0 --target-port 80");
    assertThat(typed.code()).isZero();
    assertThat(typed.err()).contains("WARNING", "Session Executor");
  }

  @Test
  void nothingIsSentForARoleThatIsNotThereOrNobody() {
    definitions();
    String line = "sandpool role assignment create --scope " + GROUP + " --role ";

    assertThat(user.type(line + "Raeder --assignee-object-id o-1").err())
        .contains("--role", "'Raeder'");
    assertThat(user.type(line + "Reader").err()).contains("--assignee");
    assertThat(user.type(line + "Reader --assignee a --assignee-object-id b").err())
        .contains("at the same time");
    assertThat(server.seen()).noneMatch(it -> it.line().startsWith("PUT"));
  }

  @Test
  void assignmentsAreListedOfOneAndTakenAwayById() {
    String list = "/subscriptions/sub-1" + PROVIDER + "roleAssignments";
    String id = GROUP + PROVIDER + "roleAssignments/11111111-2222-3333-4444-555555555555";
    server.on("GET " + list, 200, "{\"value\":[{\"id\":\"%s\"}]}".formatted(id));
    server.on("DELETE " + id, 200, "{}");

    var listed =
        user.type("sandpool role assignment list --assignee-object-id o-1 --query [].id -o tsv");

    assertThat(listed.out()).isEqualTo(id + "\n");
    assertThat(server.the("GET " + list).query()).contains("principalId%20eq%20%27o-1%27");
    assertThat(user.type("sandpool role assignment delete --ids nonsense").err())
        .contains("'nonsense'");
    user.type("sandpool role assignment delete --ids " + id);
    assertThat(server.seen()).anyMatch(it -> it.line().equals("DELETE " + id));
  }
}
