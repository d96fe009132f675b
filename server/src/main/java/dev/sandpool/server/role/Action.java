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
  POOL_LOGS("Microsoft.App/sessionPools/readLogs/action", "Read stored logs of session pools"),
  POOL_MCP_FETCH(
      "Microsoft.App/sessionPools/fetchMcpServerCredentials/action", "See MCP credentials"),
  POOL_MCP_ROTATE(
      "Microsoft.App/sessionPools/rotateMcpServerCredentials/action", "Change MCP credentials"),
  SESSION_USE(
      "Microsoft.App/sessionPools/interpreters/execute/action",
      "Use, see and end the sessions of a pool",
      true),
  QUOTA_READ("Microsoft.App/locations/usages/read", "See quotas of subscriptions"),
  ENVIRONMENT_QUOTA_READ(
      "Microsoft.App/managedEnvironments/usages/read", "See what environments ask for of quotas"),
  POOL_QUOTA_READ("Microsoft.App/sessionPools/usages/read", "See quotas of session pools"),
  PROVIDER_REGISTER("Microsoft.App/register/action", "Register the resource provider"),

  IDENTITY_READ(
      "Microsoft.ManagedIdentity/userAssignedIdentities/read", "See user-assigned identities"),
  IDENTITY_WRITE(
      "Microsoft.ManagedIdentity/userAssignedIdentities/write",
      "Make and change user-assigned identities"),
  IDENTITY_DELETE(
      "Microsoft.ManagedIdentity/userAssignedIdentities/delete", "Delete user-assigned identities"),
  IDENTITY_ASSIGN(
      "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
      "Give user-assigned identities to pools"),

  WORKSPACE_READ("Microsoft.OperationalInsights/workspaces/read", "See workspaces"),
  WORKSPACE_WRITE("Microsoft.OperationalInsights/workspaces/write", "Make and change workspaces"),
  WORKSPACE_DELETE("Microsoft.OperationalInsights/workspaces/delete", "Delete workspaces"),
  WORKSPACE_KEYS(
      "Microsoft.OperationalInsights/workspaces/sharedKeys/action", "See keys of workspaces"),

  LOGS_QUERY("Microsoft.OperationalInsights/workspaces/query/read", "Query the logs in workspaces"),
  PLATFORM_METRICS_READ("Microsoft.Insights/metrics/read", "Read platform metrics"),
  PLATFORM_DEFINITIONS_READ(
      "Microsoft.Insights/metricDefinitions/read", "See which platform metrics there are"),
  PLATFORM_NAMESPACES_READ(
      "Microsoft.Insights/metricNamespaces/read", "See where platform metrics are found"),

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

  // Not the server's: who may log in as somebody has all that was given to them, so these go with
  // giving roles.
  PRINCIPAL_READ("Microsoft.Authorization/servicePrincipals/read", "See service principals"),
  PRINCIPAL_WRITE(
      "Microsoft.Authorization/servicePrincipals/write",
      "Make service principals, and change what they log in with"),
  PRINCIPAL_DELETE("Microsoft.Authorization/servicePrincipals/delete", "Delete service principals"),
  SIGNING_KEY_WRITE(
      "Microsoft.Authorization/signingKeys/write", "Have the authority sign with a new key"),

  REGISTRY_PULL("Microsoft.ContainerRegistry/registries/pull/read", "Pull images"),
  REGISTRY_PUSH("Microsoft.ContainerRegistry/registries/push/write", "Push images"),
  REGISTRY_DELETE("Microsoft.ContainerRegistry/registries/artifacts/delete", "Delete images"),

  IMAGE_READ("Sandpool.Server/images/read", "See the images on this host"),
  IMAGE_WRITE("Sandpool.Server/images/write", "Import images"),
  IMAGE_DELETE("Sandpool.Server/images/delete", "Remove images"),
  AUDIT_READ("Sandpool.Server/audit/read", "See who did what"),
  METRICS_READ("Sandpool.Server/metrics/read", "See what the server counts"),
  USAGE_READ("Sandpool.Server/usage/read", "See who used how much, and what it costs"),

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
