package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.ENVIRONMENT;
import static dev.sandpool.server.management.ManagementFixture.GROUP;
import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.SUBSCRIPTION;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.role.Action;
import dev.sandpool.server.role.BuiltInRole;
import dev.sandpool.server.role.OperationTable;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every operation of the management plane, tried with every role, as docs/identity.md says. */
class OperationsByRoleTest extends ManagementTestBase {
  private static final String NOBODY = "00000000-0000-0000-0000-00000000dead";
  private static final String WORKSPACE =
      GROUP + "/providers/Microsoft.OperationalInsights/workspaces/logs";

  private static final String IDENTITY =
      GROUP + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one";

  private String operation = "";
  private String workspace = "";

  /** Whose object id is the role's own: any GUID will do. */
  private static String holder(BuiltInRole role) {
    return role.id();
  }

  @BeforeEach
  void everyRoleHasAHolder() {
    server.createEnvironment();
    operation =
        server
            .call("PUT", POOL + VERSION, ManagementFixture.poolBody())
            .header("azure-asyncoperation")
            .replaceFirst(".*/operationStatuses/([^?]+).*", "$1");
    server.pools.settle();
    workspace =
        server
            .call("PUT", WORKSPACE, "{\"location\":\"eastasia\"}")
            .at("/properties/customerId")
            .asString();
    server.call("PUT", IDENTITY, "{\"location\":\"eastasia\"}");
    for (BuiltInRole role : BuiltInRole.values()) {
      server.give(role, SUBSCRIPTION, holder(role));
      server.give(role, "", holder(role));
    }
  }

  private List<OperationTable.Row> routes() {
    return server.guards().entrySet().stream()
        .map(
            route ->
                new OperationTable.Row(
                    route.getKey(), right(route.getValue()), who(route.getValue())))
        .toList();
  }

  private static String right(Guard guard) {
    if (guard.action() == Action.NONE) {
      return "none";
    }
    return "`"
        + guard.action().id()
        + "`"
        + switch (guard.reach()) {
          case SCOPE -> "";
          case EACH -> ", of each";
          case SUBJECT ->
              switch (guard.action()) {
                case LOGS_QUERY -> ", of the workspace, or of an environment that logs to it";
                case GROUP_READ -> ", of the group, or to have begun it";
                default -> ", of the pool";
              };
          case TOUCH -> ", or any other there or below";
        };
  }

  private static Set<BuiltInRole> who(Guard guard) {
    boolean all = guard.action() == Action.NONE || guard.reach() == Guard.Reach.TOUCH;
    return Arrays.stream(BuiltInRole.values())
        .filter(
            role ->
                all
                    || role.allowed().contains(guard.action())
                    // Of subscriptions whoever has something in them sees that they are there.
                    || (guard.reach() == Guard.Reach.EACH
                        && guard.action() == Action.SUBSCRIPTION_READ))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(BuiltInRole.class)));
  }

  @Test
  void page_hasEveryOperationAndWhatItAsksFor() throws IOException {
    List<String> page =
        OperationTable.read("management").stream().map(OperationTable.Row::line).toList();
    List<String> served = routes().stream().map(OperationTable.Row::line).toList();

    assertThat(page)
        .as("docs/identity.md should have these lines:\n%s", String.join("\n", served))
        .containsExactlyElementsOf(served);
  }

  @Test
  void everyOperation_isForThoseRolesAndNoOthers() throws IOException {
    Map<String, Guard> guards = server.guards();
    for (OperationTable.Row row : OperationTable.read("management")) {
      Guard guard = java.util.Objects.requireNonNull(guards.get(row.operation()), row.operation());
      for (BuiltInRole role : BuiltInRole.values()) {
        check(row, guard, holder(role), row.roles().contains(role), role.title());
      }
      check(row, guard, NOBODY, guard.action() == Action.NONE, "no role");
    }
  }

  private void check(OperationTable.Row row, Guard guard, String who, boolean may, String role) {
    String method = row.operation().substring(0, row.operation().indexOf(' '));
    String path = path(row.operation().substring(method.length() + 1), guard);
    var reply = server.callAs(who, method, path, method.equals("GET") ? null : "{}");
    String told = "%s as %s: %d %s".formatted(row.operation(), role, reply.status(), reply.text());
    if (guard.reach() == Guard.Reach.EACH) {
      assertThat(reply.status()).as(told).isEqualTo(200);
      assertThat(reply.at("/value").isEmpty()).as(told).isEqualTo(!may);
      return;
    }
    assertThat(reply.status() == 403).as(told).isEqualTo(!may);
    if (!may && !method.equals("HEAD")) {
      assertThat(reply.at("/error/code").asString()).as(told).isEqualTo("Forbidden");
      assertThat(reply.at("/error/message").asString())
          .as(told)
          .contains("'" + guard.action().id() + "'", "over scope '", who);
    }
  }

  /** Lists are of what there is; all else is of what is not, so that nothing changes. */
  private String path(String template, Guard guard) {
    boolean list = guard.reach() == Guard.Reach.EACH;
    boolean named = template.contains("{name}");
    String path =
        template
            .replace("/{+scope}", GROUP)
            .replace("{subscription}", SUBSCRIPTION.split("/", -1)[2])
            .replace("{group}", list || named ? "rg" : "nothing")
            .replace("{name}", "nothing")
            .replace("{location}", "eastasia")
            .replace("{namespace}", "Microsoft.App")
            .replace("{settings}", "default")
            .replace("{role}", BuiltInRole.READER.id())
            .replace("{workspace}", workspace)
            .replace("{id}", operation);
    return path + VERSION;
  }

  @Test
  void withoutTheRight_whatIsThereAndWhatIsNotLookTheSame() {
    for (String type : List.of(POOL, ENVIRONMENT)) {
      var there = server.callAs(NOBODY, "GET", type + VERSION, null);
      String missing = type.substring(0, type.lastIndexOf('/') + 1) + "other";
      var absent = server.callAs(NOBODY, "GET", missing + VERSION, null);

      assertThat(there.status()).isEqualTo(403);
      assertThat(absent.status()).isEqualTo(403);
      assertThat(there.text().replace(type, "X")).isEqualTo(absent.text().replace(missing, "X"));
      assertThat(there.headers().map().keySet()).isEqualTo(absent.headers().map().keySet());
    }
    String known = SUBSCRIPTION + "/providers/Microsoft.App/locations/x/operationStatuses/";
    assertThat(server.callAs(NOBODY, "GET", known + operation + VERSION, null).text())
        .isEqualTo(server.callAs(NOBODY, "GET", known + "nothing" + VERSION, null).text());
  }
}
