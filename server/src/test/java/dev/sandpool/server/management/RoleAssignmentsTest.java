package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.ENVIRONMENT;
import static dev.sandpool.server.management.ManagementFixture.GROUP;
import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.SUBSCRIPTION;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.role.BuiltInRole;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Roles are recorded at their scope, and found again from above, below and by whom they are for.
 */
class RoleAssignmentsTest extends ManagementTestBase {
  private static final String ALL = "/providers/Microsoft.Authorization/roleAssignments";
  private static final String ROLES = "/providers/Microsoft.Authorization/roleDefinitions";
  private static final String EXECUTOR = "0fb8eba5-a2bb-4abe-b1c1-49dfad359bb0";
  private static final String ME = "12345678-0000-0000-0000-000000000001";
  private static final String YOU = "12345678-0000-0000-0000-000000000002";

  @BeforeEach
  void pool() {
    server.createPool();
  }

  private static String name(int number) {
    return "abcdef00-0000-0000-0000-%012d".formatted(number);
  }

  private static String body(String role, String principal) {
    return """
        {"properties":{"roleDefinitionId":"/%s%s/%s","principalId":"%s"}}
        """
        .formatted(POOL, ROLES, role, principal);
  }

  private ManagementFixture.Reply give(int number, String scope, String principal) {
    String path = scope + ALL + "/" + name(number) + "?api-version=2022-04-01";
    return server.call("PUT", path, body(EXECUTOR, principal));
  }

  private List<String> found(String scope, String filter) {
    String query = filter.isEmpty() ? "" : "?$filter=" + filter.replace(" ", "%20");
    var reply = server.call("GET", scope + ALL + query);
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    return reply.at("/value").valueStream().map(it -> it.path("name").asString()).toList();
  }

  @Test
  void given_isAnsweredWithTheRoleAtSubscriptionScope() {
    var created = give(1, POOL, ME);
    var shown = server.call("GET", POOL + ALL + "/" + name(1));

    assertThat(created.status()).as(created.text()).isEqualTo(201);
    assertThat(shown.at("/properties/roleDefinitionId").asString())
        .isEqualTo(SUBSCRIPTION + ROLES + "/" + EXECUTOR);
    assertThat(shown.at("/properties/scope").asString()).isEqualTo(POOL);
    assertThat(shown.at("/properties/principalId").asString()).isEqualTo(ME);
    assertThat(shown.at("/type").asString()).isEqualTo("Microsoft.Authorization/roleAssignments");
    assertThat(give(1, POOL, ME).status()).isEqualTo(200);
  }

  @Test
  void sameRoleTwice_isRefused_changeToo() {
    give(1, POOL, ME);

    assertThat(give(2, POOL, ME).at("/error/code").asString()).isEqualTo("RoleAssignmentExists");
    assertThat(give(2, POOL, ME).status()).isEqualTo(409);
    assertThat(give(1, POOL, YOU).at("/error/code").asString())
        .isEqualTo("RoleAssignmentUpdateNotPermitted");
    assertThat(give(2, GROUP, ME).status()).isEqualTo(201);
  }

  @Test
  void list_looksUpAndDown_filterNarrows() {
    give(1, "", ME);
    give(2, SUBSCRIPTION, YOU);
    give(3, GROUP, ME);
    give(4, POOL, ME);
    give(5, ENVIRONMENT, YOU);

    assertThat(found(POOL, "")).containsExactlyInAnyOrder(name(1), name(2), name(3), name(4));
    assertThat(found(GROUP, "")).hasSize(5);
    assertThat(found(GROUP, "atScope()")).containsExactlyInAnyOrder(name(1), name(2), name(3));
    assertThat(found("", "")).hasSize(5);
    assertThat(found(GROUP, "atScope() and principalId eq '" + ME + "'")).hasSize(2);
    assertThat(found(POOL, "assignedTo('" + YOU + "')")).containsExactly(name(2));
  }

  @Test
  void deleted_isAnsweredOnceMore() {
    give(1, POOL, ME);
    String one = POOL + ALL + "/" + name(1);

    assertThat(server.call("DELETE", one).at("/name").asString()).isEqualTo(name(1));
    assertThat(server.call("DELETE", one).status()).isEqualTo(204);
    assertThat(server.call("GET", one).at("/error/code").asString())
        .isEqualTo("RoleAssignmentNotFound");
  }

  @Test
  void whoTakesTheNameOfWhatIsGone_inheritsNoRights() {
    give(1, POOL, ME);
    give(2, ENVIRONMENT, ME);
    server.call("DELETE", POOL + VERSION);
    server.pools.settle();
    server.call("DELETE", ENVIRONMENT + VERSION);

    assertThat(found("", "")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0fb8eba5-0000-4abe-b1c1-49dfad359bb0 | 12345678-0000-0000-0000-000000000001"
            + " | RoleDefinitionDoesNotExist | properties.roleDefinitionId",
        "0fb8eba5-a2bb-4abe-b1c1-49dfad359bb0 | me | InvalidPrincipalId | properties.principalId",
      })
  void wrongBody_isOneFault(String role, String principal, String code, String target) {
    var reply = server.call("PUT", POOL + ALL + "/" + name(1), body(role, principal));

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/error/code").asString()).isEqualTo(code);
    assertThat(reply.at("/error/target").asString()).isEqualTo(target);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/subscriptions/mine",
        "/subscriptions/11111111-2222-3333-4444-555555555555/groups/rg",
        "/providers/Microsoft.Management/managementGroups/x"
      })
  void scopeOfNoKnownForm_isRefused(String scope) {
    assertThat(give(1, scope, ME).at("/error/code").asString()).isEqualTo("InvalidScope");
  }

  @Test
  void wrongNames_andWhatIsNotThere() {
    assertThat(give(1, POOL + "2", ME).status()).isEqualTo(404);
    assertThat(
            server
                .call("PUT", POOL + ALL + "/mine", body(EXECUTOR, ME))
                .at("/error/code")
                .asString())
        .isEqualTo("InvalidRoleAssignmentId");
    assertThat(server.call("GET", POOL + ALL + "?$filter=x").at("/error/code").asString())
        .isEqualTo("InvalidFilter");
  }

  @Test
  void definitions_areTheBuiltInRoles() {
    String named = "?$filter=roleName%20eq%20'Azure%20ContainerApps%20Session%20Executor'";

    var all = server.call("GET", SUBSCRIPTION + ROLES);
    var one = server.call("GET", GROUP + ROLES + named);
    var byId = server.call("GET", SUBSCRIPTION + ROLES + "/" + EXECUTOR);

    assertThat(all.at("/value").size()).isEqualTo(BuiltInRole.values().length);
    assertThat(one.at("/value")).hasSize(1);
    assertThat(byId.at("/id")).isEqualTo(one.at("/value/0/id"));
    assertThat(byId.at("/properties/permissions/0/dataActions/0").asString())
        .isEqualTo("Microsoft.App/sessionPools/interpreters/execute/action");
    assertThat(server.call("GET", ROLES + "/" + ME).at("/error/code").asString())
        .isEqualTo("RoleDefinitionDoesNotExist");
  }

  @Test
  void onAPoolThatIsBeingDeleted_isRefused_sinceItCouldOutliveIt() {
    server.call("DELETE", POOL + VERSION);

    var refused = give(1, POOL, ME);
    server.pools.settle();

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.at("/error/code").asString()).isEqualTo("SessionPoolDeleting");
    assertThat(found("", "")).isEmpty();
  }
}
