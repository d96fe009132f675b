package dev.sandpool.cli.role;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.rest.Arm;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What the server is asked about roles. */
public final class RoleCalls {
  private static final String PROVIDER = "/providers/Microsoft.Authorization/";

  /** Where the roles that there are have their ids, below a subscription. */
  public static final String DEFINITIONS = PROVIDER + "roleDefinitions/";

  private static final String PRINCIPALS = "/sandpool/principals";

  private final Arm arm;

  public RoleCalls(Arm arm) {
    this.arm = arm;
  }

  static String definitions(String scope) {
    return below(scope) + "roleDefinitions";
  }

  static String assignments(String scope) {
    return below(scope) + "roleAssignments";
  }

  private static String below(String scope) {
    return (scope.endsWith("/") ? scope.substring(0, scope.length() - 1) : scope) + PROVIDER;
  }

  /**
   * The id of the role of that name or GUID.
   *
   * @throws Failure naming the role and the scope if there is none
   */
  public String definition(String scope, String role) {
    for (JsonNode it : arm.list(definitions(scope))) {
      if (isNamed(it, role)) {
        return it.path("id").asString("");
      }
    }
    throw Failure.usage("--role: there is no role '" + role + "' at " + scope);
  }

  private static boolean isNamed(JsonNode definition, String role) {
    return definition.path("properties").path("roleName").asString("").equalsIgnoreCase(role)
        || definition.path("name").asString("").equalsIgnoreCase(role)
        || definition.path("id").asString("").equalsIgnoreCase(role);
  }

  /** Gives that principal the role at the scope. */
  public JsonNode assign(
      String scope, String definition, String principal, @Nullable String principalType) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode properties = body.putObject("properties");
    properties.put("roleDefinitionId", definition).put("principalId", principal);
    if (principalType != null) {
      properties.put("principalType", principalType);
    }
    String id = assignments(scope) + "/" + UUID.randomUUID();
    return arm.put(id, body, new Arm.Waiting(false, principal));
  }

  /**
   * The object id of who is meant by that: a service principal's appId is looked for, anything else
   * is one already. Who may not see principals has to name object ids.
   */
  String principal(String assignee) {
    for (JsonNode it : arm.list(PRINCIPALS)) {
      if (it.path("appId").asString("").equalsIgnoreCase(assignee)) {
        return it.path("id").asString(assignee);
      }
    }
    return assignee;
  }
}
