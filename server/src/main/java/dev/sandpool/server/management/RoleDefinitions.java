package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.role.BuiltInRole;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code Microsoft.Authorization/roleDefinitions}: the built-in roles; there are no others. */
final class RoleDefinitions {
  static final String TYPE = "Microsoft.Authorization/roleDefinitions";

  Answer list(Call call) {
    Predicate<BuiltInRole> filter = role -> true;
    for (Filter.Term term : Filter.of(call)) {
      filter = filter.and(condition(term));
    }
    String prefix = AssignmentScope.of(call).subscriptionPrefix();
    ObjectNode body = Fields.empty();
    ArrayNode value = body.putArray("value");
    Arrays.stream(BuiltInRole.values()).filter(filter).forEach(it -> value.add(body(it, prefix)));
    return Answer.of(200, body);
  }

  private static Predicate<BuiltInRole> condition(Filter.Term term) {
    return switch (term.name()) {
      case "atscope", "atscopeandbelow" -> role -> true;
      case "rolename" -> role -> role.title().equalsIgnoreCase(term.value());
      case "type" -> role -> term.value().equalsIgnoreCase("BuiltInRole");
      default -> throw Filter.unknown(term, "atScopeAndBelow(), roleName eq '...', type eq '...'");
    };
  }

  Answer get(Call call) {
    String id = call.parameter("role");
    return Answer.of(
        200,
        BuiltInRole.of(id)
            .map(role -> body(role, AssignmentScope.of(call).subscriptionPrefix()))
            .orElseThrow(() -> unknown(404, id)));
  }

  /** The role that a resource id, at whatever scope, ends with. */
  static Optional<BuiltInRole> ofResourceId(String id) {
    String marker = "/providers/" + TYPE + "/";
    int at = id.length() - marker.length() - 36;
    return at >= 0 && id.regionMatches(true, at, marker, 0, marker.length())
        ? BuiltInRole.of(id.substring(at + marker.length()))
        : Optional.empty();
  }

  static ArmException unknown(int status, String id) {
    return new ArmException(
        status,
        "RoleDefinitionDoesNotExist",
        "The specified role definition with ID '" + id + "' does not exist.");
  }

  /** Its resource id in a subscription, whose id the prefix is; empty for none. */
  static String resourceId(BuiltInRole role, String prefix) {
    return prefix + "/providers/" + TYPE + "/" + role.id();
  }

  private static ObjectNode body(BuiltInRole role, String prefix) {
    ObjectNode body = Fields.empty();
    body.put("id", resourceId(role, prefix)).put("name", role.id()).put("type", TYPE);
    ObjectNode properties = body.putObject("properties");
    properties.put("roleName", role.title()).put("type", "BuiltInRole");
    properties.put("description", role.description());
    properties.putArray("assignableScopes").add("/");
    ObjectNode permission = properties.putArray("permissions").addObject();
    role.actions().forEach(permission.putArray("actions")::add);
    role.notActions().forEach(permission.putArray("notActions")::add);
    role.dataActions().forEach(permission.putArray("dataActions")::add);
    permission.putArray("notDataActions");
    return body;
  }
}
