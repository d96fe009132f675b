package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.GROUP;
import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.TENANT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.workload.Grant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which identities pools have, and which of them their containers may use. */
class PoolIdentitiesTest extends ManagementTestBase {
  private static final String VERSION = "?api-version=2025-07-01";
  private static final String USER =
      GROUP + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one";
  private static final String USERS = USER + "?api-version=2023-01-31";

  @BeforeEach
  void makePool() {
    server.createEnvironment();
    server.createPool();
  }

  private ManagementFixture.Reply patch(String body) {
    return server.call("PATCH", POOL + VERSION, body.replace("USER", USER));
  }

  private ManagementFixture.Reply pool() {
    return server.call("GET", POOL + VERSION);
  }

  private PoolRecord stored() {
    return server.ledger.pools().getFirst();
  }

  private List<Grant> grants() {
    return new PoolIdentities(server.ledger).of(stored().id());
  }

  private String makeUser() {
    var made = server.call("PUT", USERS, "{\"location\":\"eastasia\",\"tags\":{\"a\":\"b\"}}");
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    return made.at("/properties/principalId").asString();
  }

  @Test
  void aUserAssignedIdentityIsMadeShownListedAndKeepsItsIds() {
    String principal = makeUser();
    var again = server.call("PUT", USERS, "{\"location\":\"eastasia\"}");
    var patched = server.call("PATCH", USERS, "{\"tags\":{\"c\":\"d\"}}");

    assertThat(again.status()).isEqualTo(200);
    assertThat(patched.at("/tags/c").asString()).isEqualTo("d");
    assertThat(patched.at("/properties/principalId").asString()).isEqualTo(principal).hasSize(36);
    assertThat(patched.at("/properties/clientId").asString()).hasSize(36).isNotEqualTo(principal);
    assertThat(patched.at("/properties/tenantId").asString()).isEqualTo(TENANT);
    String all = GROUP + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities";
    assertThat(server.call("GET", all).at("/value")).hasSize(1);
    assertThat(server.call("DELETE", USERS).status()).isEqualTo(200);
    assertThat(server.call("DELETE", USERS).status()).isEqualTo(204);
    assertThat(server.call("GET", USERS).status()).isEqualTo(404);
  }

  @Test
  void aPoolsOwnIdentityStaysAsLongAsItIsWantedAndIsAnotherAfterwards() {
    assertThat(patch("{\"identity\":{\"type\":\"SystemAssigned\"}}").status()).isEqualTo(202);
    String first = pool().at("/identity/principalId").asString();
    patch("{\"tags\":{\"x\":\"y\"}}");
    assertThat(pool().at("/identity/principalId").asString()).isEqualTo(first).hasSize(36);
    assertThat(pool().at("/identity/tenantId").asString()).isEqualTo(TENANT);

    patch("{\"identity\":{\"type\":\"None\"}}");
    assertThat(pool().at("/identity").properties()).hasSize(1);
    patch("{\"identity\":{\"type\":\"SystemAssigned\"}}");
    assertThat(pool().at("/identity/principalId").asString()).isNotEqualTo(first).hasSize(36);
  }

  @Test
  void anIdentityLivesUntilItOrItsPoolIsGone() {
    var identities = new PoolIdentities(server.ledger);
    String user = makeUser();
    patch("{\"identity\":{\"type\":\"SystemAssigned\"}}");
    String system = pool().at("/identity/principalId").asString();

    assertThat(identities.lives(user)).isTrue();
    assertThat(identities.lives(system)).isTrue();
    assertThat(identities.lives("")).isFalse();

    server.call("DELETE", USERS);
    patch("{\"identity\":{\"type\":\"None\"}}");
    assertThat(identities.lives(user)).isFalse();
    assertThat(identities.lives(system)).isFalse();
  }

  @Test
  void nobodyGivesAPoolTheIdsOfAnother() {
    patch(
        "{\"identity\":{\"type\":\"SystemAssigned\",\"principalId\":\"mine\",\"clientId\":\"x\"}}");

    assertThat(pool().at("/identity/principalId").asString()).hasSize(36);
  }

  @Test
  void withoutMainContainersGetNothing() {
    makeUser();
    patch(
        """
        {"identity": {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {"USER": {}}},
         "properties": {"managedIdentitySettings": [
           {"identity": "system"}, {"identity": "USER", "lifecycle": "None"}]}}\
        """);

    assertThat(pool().at("/properties/managedIdentitySettings/0/lifecycle").asString())
        .isEqualTo("None");
    assertThat(grants()).isEmpty();
    assertThat(stored().desired().identity()).isFalse();
  }

  @Test
  void whatHasMainIsGrantedAndNothingElse() {
    String principal = makeUser();
    var reply =
        patch(
            """
            {"identity": {"type": "SystemAssigned, UserAssigned",
              "userAssignedIdentities": {"USER": {}}},
             "properties": {"managedIdentitySettings": [
               {"identity": "SYSTEM", "lifecycle": "None"}, {"identity": "USER", "lifecycle": "main"}]}}\
            """);

    assertThat(reply.status()).as(reply.text()).isEqualTo(202);
    assertThat(grants()).singleElement().matches(it -> it.principalId().equals(principal));
    assertThat(stored().desired().identity()).isTrue();
    assertThat(pool().at("/identity/type").asString()).isEqualTo("SystemAssigned,UserAssigned");
    assertThat(
            pool()
                .json()
                .path("identity")
                .path("userAssignedIdentities")
                .path(USER)
                .path("principalId")
                .asString())
        .isEqualTo(principal);

    patch(
        "{\"properties\":{\"managedIdentitySettings\":[{\"identity\":\"system\",\"lifecycle\":\"Main\"}]}}");
    assertThat(grants()).singleElement().matches(Grant::system);
  }

  @Test
  void aDeletedIdentityIsGrantedToNobody() {
    makeUser();
    patch(
        """
        {"identity": {"type": "UserAssigned", "userAssignedIdentities": {"USER": {}}},
         "properties": {"managedIdentitySettings": [{"identity": "USER", "lifecycle": "Main"}]}}\
        """);
    assertThat(grants()).hasSize(1);

    server.call("DELETE", USERS);

    assertThat(grants()).isEmpty();
  }

  @Test
  void aSettingOfAnIdentityThatThePoolHasNotIsRefused() {
    makeUser();
    for (String which : List.of("system", USER)) {
      var reply =
          patch(
              "{\"properties\":{\"managedIdentitySettings\":[{\"identity\":\"%s\",\"lifecycle\":\"Main\"}]}}"
                  .formatted(which));
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.at("/error/message").asString()).contains("not an identity of the pool");
    }
    assertThat(grants()).isEmpty();
  }

  @Test
  void onlySessionsThatBeginAfterwardsHaveTheEndpoint() {
    int before = stored().desired().id().number();
    patch(
        """
        {"identity": {"type": "SystemAssigned"},
         "properties": {"managedIdentitySettings": [{"identity": "system", "lifecycle": "Main"}]}}\
        """);

    assertThat(stored().desired().id().number()).isEqualTo(before + 1);
  }

  @Test
  void anIdentityPullsInPlaceOfAPassword() {
    var reply =
        patch(
            """
            {"identity": {"type": "SystemAssigned"}, "properties": {"customContainerTemplate":
              {"registryCredentials":
                {"server": "reg.test", "identity": "system", "username": null,
                 "passwordSecretRef": null}}}}\
            """);

    assertThat(reply.status()).as(reply.text()).isEqualTo(202);
    var registry = java.util.Objects.requireNonNull(stored().desired().registry());
    assertThat(registry.identity()).isEqualTo("system");
    assertThat(registry.server()).isEqualTo("reg.test");
    assertThat(stored().desired().identity()).as("pulling gives containers nothing").isFalse();
    assertThat(
            pool()
                .at("/properties/customContainerTemplate/registryCredentials/identity")
                .asString())
        .isEqualTo("system");
  }
}
