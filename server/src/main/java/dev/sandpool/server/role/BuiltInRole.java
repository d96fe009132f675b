package dev.sandpool.server.role;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The roles that can be given, with Azure's names and ids. */
public enum BuiltInRole {
  OWNER(
      "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
      "Owner",
      "Everything but using sessions, giving roles included.",
      List.of("*"),
      List.of(),
      List.of()),
  CONTRIBUTOR(
      "b24988ac-6180-42a0-ab88-20f7382dd24c",
      "Contributor",
      "Everything but giving roles and using sessions.",
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
      List.of("Microsoft.App/sessionPools/read", "Microsoft.App/sessionPools/*/read"),
      List.of(),
      List.of("Microsoft.App/sessionPools/interpreters/execute/action")),
  SESSION_POOLS_CONTRIBUTOR(
      "f7669afb-68b2-44b4-9c5f-6d2a47fddda0",
      "Container Apps SessionPools Contributor",
      "Makes, changes and deletes session pools.",
      List.of(
          "Microsoft.App/sessionPools/*",
          "Microsoft.App/managedEnvironments/read",
          "Microsoft.App/managedEnvironments/join/action"),
      List.of(),
      List.of()),
  SESSION_POOLS_READER(
      "af61e8fc-2633-4b95-bed3-421ad6826515",
      "Container Apps SessionPools Reader",
      "Sees session pools.",
      List.of(
          "Microsoft.App/sessionPools/read",
          "Microsoft.App/sessionPools/*/read",
          "Microsoft.App/managedEnvironments/read"),
      List.of(),
      List.of()),
  ACR_PULL(
      "7f951dda-4ed3-4680-a7ca-43fe172d538d",
      "AcrPull",
      "Pulls images from registries whose token server this is.",
      List.of("Microsoft.ContainerRegistry/registries/pull/read"),
      List.of(),
      List.of()),
  ACR_PUSH(
      "8311e382-0749-4cb8-b61a-304f252e45ec",
      "AcrPush",
      "Pulls and pushes images of registries whose token server this is.",
      List.of(
          "Microsoft.ContainerRegistry/registries/pull/read",
          "Microsoft.ContainerRegistry/registries/push/write"),
      List.of(),
      List.of());

  private final String id;
  private final String title;
  private final String description;
  private final List<String> actions;
  private final List<String> notActions;
  private final List<String> dataActions;
  private final Set<Action> allowed;

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
    Set<Action> found = EnumSet.noneOf(Action.class);
    Arrays.stream(Action.values()).filter(this::matches).forEach(found::add);
    this.allowed = Collections.unmodifiableSet(found);
  }

  private boolean matches(Action action) {
    if (action == Action.NONE) {
      return false;
    }
    return action.data()
        ? any(dataActions, action)
        : any(actions, action) && !any(notActions, action);
  }

  private static boolean any(List<String> patterns, Action action) {
    return patterns.stream().anyMatch(pattern -> pattern(pattern).matcher(action.id()).matches());
  }

  /** A star stands for any text, slashes included. */
  private static Pattern pattern(String wildcard) {
    return Pattern.compile(
        "\\Q" + wildcard.replace("*", "\\E.*\\Q") + "\\E", Pattern.CASE_INSENSITIVE);
  }

  /** The role of that GUID. */
  public static Optional<BuiltInRole> of(String id) {
    String lower = id.toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(role -> role.id.equals(lower)).findFirst();
  }

  /** What it allows. */
  public Set<Action> allowed() {
    return allowed;
  }

  /** The GUID. */
  public String id() {
    return id;
  }

  /** The name that people know it by. */
  public String title() {
    return title;
  }

  /** What it is for. */
  public String description() {
    return description;
  }

  /** As in a role definition; a star stands for any text. */
  public List<String> actions() {
    return actions;
  }

  /** What {@link #actions} does not mean. */
  public List<String> notActions() {
    return notActions;
  }

  /** As {@link #actions}, of the data plane. */
  public List<String> dataActions() {
    return dataActions;
  }
}
