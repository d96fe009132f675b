package dev.sandpool.server.role;

/**
 * The right that an operation needs: each operation of the management and the data plane needs
 * exactly one. The names are Azure's; what Azure has no operation for is named {@code
 * Sandpool.Server/...} and belongs to the whole server.
 */
public enum Action {
  ENVIRONMENT_READ("Microsoft.App/managedEnvironments/read", "See environments"),
  ENVIRONMENT_WRITE("Microsoft.App/managedEnvironments/write", "Make and change environments"),
  ENVIRONMENT_DELETE("Microsoft.App/managedEnvironments/delete", "Delete environments"),
  ENVIRONMENT_JOIN("Microsoft.App/managedEnvironments/join/action", "Put pools into environments"),

  POOL_READ("Microsoft.App/sessionPools/read", "See session pools"),
  POOL_WRITE("Microsoft.App/sessionPools/write", "Make and change session pools"),
  POOL_DELETE("Microsoft.App/sessionPools/delete", "Delete session pools"),
  POOL_SETTINGS_READ("Microsoft.App/sessionPools/settings/read", "See settings of session pools"),
  POOL_SETTINGS_WRITE(
      "Microsoft.App/sessionPools/settings/write", "Change settings of session pools"),
  POOL_CONSOLE("Microsoft.App/sessionPools/readConsole/action", "Read what sandboxes print"),
  POOL_MCP_FETCH(
      "Microsoft.App/sessionPools/fetchMcpServerCredentials/action", "See MCP credentials"),
  POOL_MCP_ROTATE(
      "Microsoft.App/sessionPools/rotateMcpServerCredentials/action", "Change MCP credentials"),
  SESSION_USE(
      "Microsoft.App/sessionPools/interpreters/execute/action",
      "Use, see and end the sessions of a pool",
      true),
  PROVIDER_REGISTER("Microsoft.App/register/action", "Register the resource provider"),

  WORKSPACE_READ("Microsoft.OperationalInsights/workspaces/read", "See workspaces"),
  WORKSPACE_WRITE("Microsoft.OperationalInsights/workspaces/write", "Make and change workspaces"),
  WORKSPACE_DELETE("Microsoft.OperationalInsights/workspaces/delete", "Delete workspaces"),
  WORKSPACE_KEYS(
      "Microsoft.OperationalInsights/workspaces/sharedKeys/action", "See keys of workspaces"),

  SUBSCRIPTION_READ("Microsoft.Resources/subscriptions/read", "See subscriptions"),
  GROUP_READ("Microsoft.Resources/subscriptions/resourceGroups/read", "See resource groups"),
  GROUP_WRITE(
      "Microsoft.Resources/subscriptions/resourceGroups/write", "Make and change resource groups"),
  GROUP_DELETE(
      "Microsoft.Resources/subscriptions/resourceGroups/delete",
      "Delete resource groups with all that they hold"),

  ASSIGNMENT_READ("Microsoft.Authorization/roleAssignments/read", "See who has which role"),
  ASSIGNMENT_WRITE("Microsoft.Authorization/roleAssignments/write", "Give roles"),
  ASSIGNMENT_DELETE("Microsoft.Authorization/roleAssignments/delete", "Take roles away"),
  DEFINITION_READ("Microsoft.Authorization/roleDefinitions/read", "See what roles there are"),

  IMAGE_READ("Sandpool.Server/images/read", "See the images on this host"),
  IMAGE_WRITE("Sandpool.Server/images/write", "Import images"),
  IMAGE_DELETE("Sandpool.Server/images/delete", "Remove images"),
  METRICS_READ("Sandpool.Server/metrics/read", "See what the server counts"),

  /** What anybody may ask who has a good token: it tells nothing of what others have. */
  NONE("", "Nothing but a token");

  private final String id;
  private final String words;
  private final boolean data;

  Action(String id, String words) {
    this(id, words, false);
  }

  Action(String id, String words, boolean data) {
    this.id = id;
    this.words = words;
    this.data = data;
  }

  /** The name in role definitions and refusals. */
  public String id() {
    return id;
  }

  /** What it allows, for a person. */
  public String words() {
    return words;
  }

  /** Whether it is of the data plane; then roles give it by their {@code dataActions}. */
  public boolean data() {
    return data;
  }
}
