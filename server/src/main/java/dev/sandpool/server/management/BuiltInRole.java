package dev.sandpool.server.management;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The roles that can be given, with Azure's names and ids. */
enum BuiltInRole {
  OWNER(
      "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
      "Owner",
      "Everything, giving roles included.",
      List.of("*"),
      List.of(),
      List.of()),
  CONTRIBUTOR(
      "b24988ac-6180-42a0-ab88-20f7382dd24c",
      "Contributor",
      "Everything but giving roles.",
      List.of("*"),
      List.of("Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"),
      List.of()),
  READER(
      "acdd72a7-3385-48ef-bd42-f606fba81ae7",
      "Reader",
      "Sees all resources and changes none.",
      List.of("*/read"),
      List.of(),
      List.of()),
  USER_ACCESS_ADMINISTRATOR(
      "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
      "User Access Administrator",
      "Gives roles.",
      List.of("*/read", "Microsoft.Authorization/*"),
      List.of(),
      List.of()),
  SESSION_EXECUTOR(
      "0fb8eba5-a2bb-4abe-b1c1-49dfad359bb0",
      "Azure ContainerApps Session Executor",
      "Makes and uses the sessions of session pools.",
      List.of("Microsoft.App/sessionPools/*/read"),
      List.of(),
      List.of("Microsoft.App/sessionPools/interpreters/execute/action")),
  SESSION_POOLS_CONTRIBUTOR(
      "f7669afb-68b2-44b4-9c5f-6d2a47fddda0",
      "Container Apps SessionPools Contributor",
      "Makes, changes and deletes session pools.",
      List.of("Microsoft.App/sessionPools/*", "Microsoft.App/managedEnvironments/read"),
      List.of(),
      List.of()),
  SESSION_POOLS_READER(
      "af61e8fc-2633-4b95-bed3-421ad6826515",
      "Container Apps SessionPools Reader",
      "Sees session pools.",
      List.of("Microsoft.App/sessionPools/*/read", "Microsoft.App/managedEnvironments/read"),
      List.of(),
      List.of());

  private final String id;
  private final String title;
  private final String description;
  private final List<String> actions;
  private final List<String> notActions;
  private final List<String> dataActions;

  BuiltInRole(
      String id,
      String title,
      String description,
      List<String> actions,
      List<String> notActions,
      List<String> dataActions) {
    this.id = id;
    this.title = title;
    this.description = description;
    this.actions = actions;
    this.notActions = notActions;
    this.dataActions = dataActions;
  }

  String title() {
    return title;
  }

  /** The role of that GUID. */
  static Optional<BuiltInRole> of(String id) {
    String lower = id.toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(role -> role.id.equals(lower)).findFirst();
  }

  /** Its resource id in a subscription, whose id the prefix is; empty for none. */
  String resourceId(String prefix) {
    return prefix + "/providers/" + RoleDefinitions.TYPE + "/" + id;
  }

  ObjectNode body(String prefix) {
    ObjectNode body = Fields.empty();
    body.put("id", resourceId(prefix)).put("name", id).put("type", RoleDefinitions.TYPE);
    ObjectNode properties = body.putObject("properties");
    properties.put("roleName", title).put("type", "BuiltInRole").put("description", description);
    properties.putArray("assignableScopes").add("/");
    ObjectNode permission = properties.putArray("permissions").addObject();
    add(permission.putArray("actions"), actions);
    add(permission.putArray("notActions"), notActions);
    add(permission.putArray("dataActions"), dataActions);
    permission.putArray("notDataActions");
    return body;
  }

  private static void add(ArrayNode array, List<String> values) {
    values.forEach(array::add);
  }
}
