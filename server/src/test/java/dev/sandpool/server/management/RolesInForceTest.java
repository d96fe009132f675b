package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.ENVIRONMENT;
import static dev.sandpool.server.management.ManagementFixture.GROUP;
import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.SUBSCRIPTION;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.role.BuiltInRole;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A role holds where it was given and below, from when it is answered until it is taken away. */
class RolesInForceTest extends ManagementTestBase {
  private static final String ME = "12345678-0000-0000-0000-000000000001";
  private static final String TEAM = "12345678-0000-0000-0000-00000000000a";

  @BeforeEach
  void pool() {
    server.createPool();
  }

  private int get(String ids, String path) {
    return server.callAs(ids, "GET", path + VERSION, null).status();
  }

  private List<String> names(String ids, String list) {
    var reply = server.callAs(ids, "GET", list + VERSION, null);
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    return reply.at("/value").valueStream().map(it -> it.path("name").asString()).toList();
  }

  private void anotherPool(String name) {
    var made =
        server.call("PUT", POOL.replace("my-pool", name) + VERSION, ManagementFixture.poolBody());
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    server.pools.settle();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/subscriptions/11111111-2222-3333-4444-555555555555",
        "/SUBSCRIPTIONS/11111111-2222-3333-4444-555555555555/resourcegroups/RG",
        "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers"
            + "/Microsoft.App/sessionPools/MY-POOL"
      })
  void givenAtOrAbove_holds_inAnySpelling(String scope) {
    assertThat(get(ME, POOL)).isEqualTo(403);

    server.give(BuiltInRole.READER, scope, ME.toUpperCase(Locale.ROOT));

    assertThat(get(ME, POOL)).isEqualTo(200);
    assertThat(get(ME, POOL.toUpperCase(Locale.ROOT))).isEqualTo(200);
    assertThat(server.callAs(ME, "DELETE", POOL + VERSION, null).status()).isEqualTo(403);
  }

  @Test
  void deletionOfAGroup_isFollowedByWhoBeganIt_whoseRoleWentWithIt_andByNobodyElse() {
    String group = GROUP;
    server.createPool();
    server.give(BuiltInRole.CONTRIBUTOR, group, ME);
    server.give(BuiltInRole.READER, SUBSCRIPTION, TEAM);

    var deleted = server.callAs(ME, "DELETE", group + "?api-version=2021-04-01", null);
    assertThat(deleted.status()).as(deleted.text()).isEqualTo(202);
    String operation = deleted.header("Location");
    String stranger = ME.replace(ME.charAt(0), ME.charAt(0) == '9' ? '8' : '9');

    assertThat(server.callAs(ME, "GET", operation, null).status()).isEqualTo(202);
    assertThat(server.callAs(TEAM, "GET", operation, null).status()).isEqualTo(202);
    var refused = server.callAs(stranger, "GET", operation, null);
    assertThat(refused.status()).isEqualTo(403);
    assertThat(server.callAs(stranger, "GET", SUBSCRIPTION + "/operationresults/Z3JvdXA6cmc", null))
        .extracting(ManagementFixture.Reply::status)
        .isEqualTo(403);
    server.pools.settle();
    assertThat(server.callAs(ME, "GET", operation, null).status()).isEqualTo(200);
  }

  @Test
  void givenBeside_holdsNot() {
    anotherPool("my-pool2");
    server.give(BuiltInRole.OWNER, POOL + "2", ME);
    server.give(BuiltInRole.OWNER, ENVIRONMENT, ME);
    server.give(BuiltInRole.OWNER, GROUP + "2", ME);

    assertThat(get(ME, POOL)).isEqualTo(403);
    assertThat(get(ME, POOL + "2")).isEqualTo(200);
  }

  @Test
  void ofAGroup_isItsMembers_andNobodyElses() {
    server.give(BuiltInRole.READER, POOL, TEAM);

    assertThat(get(ME + "," + TEAM, POOL)).isEqualTo(200);
    assertThat(get(ME, POOL)).isEqualTo(403);
  }

  @Test
  void takenAway_holdsNoLonger_whateverTheTokenSays() {
    server.give(BuiltInRole.READER, POOL, ME);
    assertThat(get(ME, POOL)).isEqualTo(200);
    String all = POOL + "/providers/Microsoft.Authorization/roleAssignments";
    String id = server.call("GET", all).at("/value/0/id").asString();

    server.call("DELETE", id);

    assertThat(get(ME, POOL)).isEqualTo(403);
  }

  @Test
  void lists_showOnlyWhatMayBeRead_withoutGapsOrTraces() {
    for (int i = 0; i < 103; i++) {
      anotherPool("pool%03d".formatted(i));
    }
    String pools = SUBSCRIPTION + "/providers/Microsoft.App/sessionPools";
    assertThat(names(ME, pools)).isEmpty();
    assertThat(names(ME, SUBSCRIPTION + "/resourceGroups")).isEmpty();
    assertThat(names(ME, "/subscriptions")).isEmpty();
    String last = POOL.replace("my-pool", "pool102");

    server.give(BuiltInRole.SESSION_POOLS_READER, last, ME);

    var page = server.callAs(ME, "GET", pools + VERSION, null);
    assertThat(page.at("/value")).hasSize(1);
    assertThat(page.at("/value/0/name").asString()).isEqualTo("pool102");
    assertThat(page.json().has("nextLink")).isFalse();
    assertThat(names(ME, SUBSCRIPTION + "/resourceGroups")).isEmpty();
    assertThat(server.callAs(ME, "GET", "/subscriptions", null).at("/value")).hasSize(1);
    assertThat(server.callAs(ME, "GET", SUBSCRIPTION, null).status()).isEqualTo(200);
  }

  @Test
  void poolInAnEnvironmentOfOthers_isRefused_whetherItIsThereOrNot() {
    server.give(BuiltInRole.SESSION_POOLS_CONTRIBUTOR, SUBSCRIPTION + "/resourceGroups/mine", ME);
    String mine = POOL.replace("/rg/", "/mine/");

    var there = server.callAs(ME, "PUT", mine + VERSION, ManagementFixture.poolBody());
    var absent =
        server.callAs(
            ME,
            "PUT",
            mine + VERSION,
            ManagementFixture.poolBody().replace(ENVIRONMENT, ENVIRONMENT + "2"));

    assertThat(there.status()).as(there.text()).isEqualTo(403);
    assertThat(there.text()).contains("Microsoft.App/managedEnvironments/join/action");
    assertThat(absent.text().replace(ENVIRONMENT + "2", "X"))
        .isEqualTo(there.text().replace(ENVIRONMENT, "X"));
    server.give(BuiltInRole.SESSION_POOLS_CONTRIBUTOR, ENVIRONMENT, ME);
    assertThat(server.callAs(ME, "PUT", mine + VERSION, ManagementFixture.poolBody()).status())
        .isNotEqualTo(403);
  }

  @Test
  void whoTakesTheNameOfWhatIsGone_inheritsNoRights() {
    server.give(BuiltInRole.READER, POOL, ME);
    server.call("DELETE", POOL + VERSION);
    server.pools.settle();

    server.call("PUT", POOL + VERSION, ManagementFixture.poolBody());

    assertThat(get(ME, POOL)).isEqualTo(403);
  }

  @Test
  void contributor_givesNoRoles() {
    server.give(BuiltInRole.CONTRIBUTOR, "", ME);
    String mine =
        POOL
            + "/providers/Microsoft.Authorization/roleAssignments/abcdef00-0000-0000-0000-000000000001";

    var given =
        server.callAs(
            ME,
            "PUT",
            mine,
            "{\"properties\":{\"roleDefinitionId\":\"%s\",\"principalId\":\"%s\"}}"
                .formatted(RoleDefinitions.resourceId(BuiltInRole.OWNER, ""), ME));

    assertThat(given.status()).isEqualTo(403);
    assertThat(given.text()).contains("Microsoft.Authorization/roleAssignments/write");
  }
}
