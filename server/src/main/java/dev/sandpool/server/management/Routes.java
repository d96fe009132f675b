package dev.sandpool.server.management;

import dev.sandpool.model.ResourceId;
import dev.sandpool.server.role.Action;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** The paths of the management plane (contract 1.4, 1.5, 1.7, 1.8, and ours). */
final class Routes {
  private static final String SUBSCRIPTION = "/subscriptions/{subscription}";
  private static final String GROUP = SUBSCRIPTION + "/resourceGroups/{group}";
  private static final String APP = SUBSCRIPTION + "/providers/Microsoft.App";
  private static final String LOCATION = APP + "/locations/{location}";
  private static final String ENVIRONMENTS = "/providers/" + ResourceId.ENVIRONMENTS;
  private static final String POOLS = "/providers/" + ResourceId.SESSION_POOLS;

  private Routes() {}

  static Router of(ManagementParts parts, ManagementSettings settings) {
    // One change at a time: what a change was checked against must still hold when it is recorded.
    Lock changes = new ReentrantLock();
    var router = new Router();
    environments(router, new ManagedEnvironmentsResource(parts, settings, changes));
    var store = new PoolStore(parts.ledger(), parts.pools(), parts.time());
    var pools = new SessionPoolsResource(parts, settings, store, changes);
    pools(router, pools);
    settings(router, new SettingsResource(parts, settings.domains(), store, changes));
    operations(router, new OperationStatusesResource(parts, settings, store, pools));
    provider(router, new ProviderResource(parts.ledger()));
    subscriptions(router, new SubscriptionsResource(parts.ledger(), settings.tenancy()));
    groups(router, new GroupsResource(parts, settings, store, changes));
    identities(
        router,
        new SimpleResource(new UserIdentities(settings.tenancy()), parts, settings, changes));
    var workspaces = new LogAnalyticsWorkspaces(parts.key());
    workspaces(router, workspaces, new SimpleResource(workspaces, parts, settings, changes));
    roles(router, new RoleAssignments(parts, changes), new RoleDefinitions());
    var console = new ConsoleResource(store, parts.sessions(), parts.console());
    router.unversioned(
        "POST",
        GROUP + POOLS + "/{name}/readConsole",
        Guard.at(Action.POOL_CONSOLE),
        console::read);
    logs(router, parts, store);
    ours(
        router, new ImagesResource(parts.images(), parts.uploads(), parts.ledger(), parts.pools()));
    principals(router, new PrincipalsResource(parts.identity()));
    uploads(router, new UploadsResource(parts.uploads()));
    var audit = new AuditResource(parts.records());
    router
        .unversioned("GET", "/sandpool/audit", Guard.at(Action.AUDIT_READ), audit::list)
        .unversioned(
            "GET", "/sandpool/audit/examination", Guard.at(Action.AUDIT_READ), audit::examine);
    insights(router, new PoolMetricsResource(store, parts.metrics(), parts.time()));
    usages(
        router,
        new UsagesResource(parts.ledger(), store, new Quotas(parts.ledger(), settings.quotas())));
    var usage = new UsageResource(parts.usage(), parts.time());
    router.unversioned(
        "GET", "{+scope}/providers/Sandpool.Server/usage", Guard.at(Action.USAGE_READ), usage::get);
    var metrics = new MetricsResource(parts.metrics());
    var version = new VersionResource(settings.version(), settings.instance(), parts.engine());
    return router
        .unversioned("GET", "/sandpool/version", Guard.NONE, version::get)
        .unversioned("GET", "/metrics", Guard.at(Action.METRICS_READ), metrics::get)
        .unversioned("GET", "/sandpool/metrics", Guard.at(Action.METRICS_READ), metrics::get);
  }

  private static void usages(Router router, UsagesResource resource) {
    router
        .arm("GET", LOCATION + "/usages", Guard.at(Action.QUOTA_READ), resource::ofSubscription)
        .arm(
            "GET",
            GROUP + ENVIRONMENTS + "/{name}/usages",
            Guard.at(Action.ENVIRONMENT_QUOTA_READ),
            resource::ofEnvironment)
        .arm(
            "GET",
            GROUP + POOLS + "/{name}/usages",
            Guard.at(Action.POOL_QUOTA_READ),
            resource::ofPool);
  }

  /** Another provider's paths, below a pool. */
  private static void insights(Router router, PoolMetricsResource resource) {
    String all = GROUP + POOLS + "/{name}/providers/Microsoft.Insights";
    router
        .unversioned(
            "GET", all + "/metrics", Guard.at(Action.PLATFORM_METRICS_READ), resource::metrics)
        .unversioned(
            "GET",
            all + "/metricDefinitions",
            Guard.at(Action.PLATFORM_DEFINITIONS_READ),
            resource::definitions)
        .unversioned(
            "GET",
            all + "/metricNamespaces",
            Guard.at(Action.PLATFORM_NAMESPACES_READ),
            resource::namespaces);
  }

  private static void environments(Router router, ManagedEnvironmentsResource resource) {
    String one = GROUP + ENVIRONMENTS + "/{name}";
    router
        .arm(
            "GET", SUBSCRIPTION + ENVIRONMENTS, Guard.each(Action.ENVIRONMENT_READ), resource::list)
        .arm("GET", GROUP + ENVIRONMENTS, Guard.each(Action.ENVIRONMENT_READ), resource::list)
        .arm("GET", one, Guard.at(Action.ENVIRONMENT_READ), resource::get)
        .arm("PUT", one, Guard.at(Action.ENVIRONMENT_WRITE), resource::put)
        .arm("PATCH", one, Guard.at(Action.ENVIRONMENT_WRITE), resource::patch)
        .arm("DELETE", one, Guard.at(Action.ENVIRONMENT_DELETE), resource::delete)
        .arm(
            "GET",
            LOCATION + "/managedEnvironmentOperationStatuses/{id}",
            Guard.NONE,
            resource::status)
        .arm(
            "GET",
            LOCATION + "/managedEnvironmentOperationResults/{id}",
            Guard.NONE,
            resource::result);
  }

  private static void pools(Router router, SessionPoolsResource resource) {
    String one = GROUP + POOLS + "/{name}";
    router
        .arm("GET", SUBSCRIPTION + POOLS, Guard.each(Action.POOL_READ), resource::list)
        .arm("GET", GROUP + POOLS, Guard.each(Action.POOL_READ), resource::list)
        .arm("GET", one, Guard.at(Action.POOL_READ), resource::get)
        .arm("PUT", one, Guard.at(Action.POOL_WRITE), resource::put)
        .arm("PATCH", one, Guard.at(Action.POOL_WRITE), resource::patch)
        .arm("DELETE", one, Guard.at(Action.POOL_DELETE), resource::delete)
        .arm(
            "POST",
            one + "/fetchMcpServerCredentials",
            Guard.at(Action.POOL_MCP_FETCH),
            resource::mcpCredentials)
        .arm(
            "POST",
            one + "/rotateMcpServerCredentials",
            Guard.at(Action.POOL_MCP_ROTATE),
            resource::mcpCredentials);
  }

  private static void settings(Router router, SettingsResource resource) {
    String all = GROUP + POOLS + "/{name}/settings";
    router
        .arm("GET", all, Guard.at(Action.POOL_SETTINGS_READ), resource::list)
        .arm("GET", all + "/{settings}", Guard.at(Action.POOL_SETTINGS_READ), resource::get)
        .arm("PUT", all + "/{settings}", Guard.at(Action.POOL_SETTINGS_WRITE), resource::put)
        .arm("PATCH", all + "/{settings}", Guard.at(Action.POOL_SETTINGS_WRITE), resource::patch);
  }

  private static void operations(Router router, OperationStatusesResource resource) {
    router
        .arm(
            "GET",
            LOCATION + "/operationStatuses/{id}",
            Guard.subject(Action.POOL_READ),
            resource::status)
        .arm(
            "GET",
            LOCATION + "/operationResults/{id}",
            Guard.subject(Action.POOL_READ),
            resource::result);
  }

  private static void provider(Router router, ProviderResource resource) {
    // Asked with the versions of another provider's API, older than session pools.
    router
        .unversioned(
            "GET",
            SUBSCRIPTION + "/providers",
            Guard.touch(Action.SUBSCRIPTION_READ),
            resource::list)
        .unversioned(
            "GET",
            SUBSCRIPTION + "/providers/{namespace}",
            Guard.touch(Action.SUBSCRIPTION_READ),
            resource::get)
        .unversioned(
            "POST",
            SUBSCRIPTION + "/providers/{namespace}/register",
            Guard.at(Action.PROVIDER_REGISTER),
            resource::get)
        .arm("GET", "/providers/Microsoft.App/operations", Guard.NONE, resource::operations);
  }

  private static void subscriptions(Router router, SubscriptionsResource resource) {
    router
        .unversioned("GET", "/subscriptions", Guard.each(Action.SUBSCRIPTION_READ), resource::list)
        .unversioned("GET", SUBSCRIPTION, Guard.touch(Action.SUBSCRIPTION_READ), resource::get)
        .unversioned(
            "GET",
            SUBSCRIPTION + "/locations",
            Guard.touch(Action.SUBSCRIPTION_READ),
            resource::locations)
        .unversioned("GET", "/tenants", Guard.NONE, resource::tenants);
  }

  private static void groups(Router router, GroupsResource resource) {
    router
        .unversioned(
            "GET", SUBSCRIPTION + "/resourceGroups", Guard.each(Action.GROUP_READ), resource::list)
        .unversioned("GET", GROUP, Guard.at(Action.GROUP_READ), resource::get)
        .unversioned("HEAD", GROUP, Guard.at(Action.GROUP_READ), resource::head)
        .unversioned("PUT", GROUP, Guard.at(Action.GROUP_WRITE), resource::put)
        .unversioned("PATCH", GROUP, Guard.at(Action.GROUP_WRITE), resource::patch)
        .unversioned("DELETE", GROUP, Guard.at(Action.GROUP_DELETE), resource::delete)
        .unversioned(
            "GET",
            SUBSCRIPTION + "/operationresults/{id}",
            Guard.subject(Action.GROUP_READ),
            resource::result);
  }

  private static void logs(Router router, ManagementParts parts, PoolStore store) {
    var logs = new LogsResource(store, parts.logs(), parts.time());
    var queries = new LogQueryResource(parts.ledger(), parts.logs(), parts.time());
    String query = "/v1/workspaces/{workspace}/query";
    router
        .unversioned(
            "POST", GROUP + POOLS + "/{name}/readLogs", Guard.at(Action.POOL_LOGS), logs::read)
        .unversioned("GET", query, Guard.subject(Action.LOGS_QUERY), queries::get)
        .unversioned("POST", query, Guard.subject(Action.LOGS_QUERY), queries::post);
  }

  private static void identities(Router router, SimpleResource resource) {
    simple(
        router,
        resource,
        UserIdentities.TYPE,
        Action.IDENTITY_READ,
        Action.IDENTITY_WRITE,
        Action.IDENTITY_DELETE);
  }

  private static void workspaces(
      Router router, LogAnalyticsWorkspaces workspaces, SimpleResource resource) {
    simple(
        router,
        resource,
        LogAnalyticsWorkspaces.TYPE,
        Action.WORKSPACE_READ,
        Action.WORKSPACE_WRITE,
        Action.WORKSPACE_DELETE);
    router.unversioned(
        "POST",
        GROUP + "/providers/" + LogAnalyticsWorkspaces.TYPE + "/{name}/sharedKeys",
        Guard.at(Action.WORKSPACE_KEYS),
        call -> workspaces.sharedKeys(resource.existing(call)));
  }

  private static void simple(
      Router router,
      SimpleResource resource,
      String type,
      Action read,
      Action write,
      Action delete) {
    String all = "/providers/" + type;
    String one = GROUP + all + "/{name}";
    router
        .unversioned("GET", SUBSCRIPTION + all, Guard.each(read), resource::list)
        .unversioned("GET", GROUP + all, Guard.each(read), resource::list)
        .unversioned("GET", one, Guard.at(read), resource::get)
        .unversioned("PUT", one, Guard.at(write), resource::put)
        .unversioned("PATCH", one, Guard.at(write), resource::patch)
        .unversioned("DELETE", one, Guard.at(delete), resource::delete);
  }

  private static void roles(Router router, RoleAssignments given, RoleDefinitions roles) {
    String assignments = "{+scope}/providers/" + RoleAssignments.TYPE;
    String definitions = "{+scope}/providers/" + RoleDefinitions.TYPE;
    router
        .unversioned("GET", assignments, Guard.at(Action.ASSIGNMENT_READ), given::list)
        .unversioned("GET", assignments + "/{name}", Guard.at(Action.ASSIGNMENT_READ), given::get)
        .unversioned("PUT", assignments + "/{name}", Guard.at(Action.ASSIGNMENT_WRITE), given::put)
        .unversioned(
            "DELETE", assignments + "/{name}", Guard.at(Action.ASSIGNMENT_DELETE), given::delete)
        .unversioned("GET", definitions, Guard.at(Action.DEFINITION_READ), roles::list)
        .unversioned("GET", definitions + "/{role}", Guard.at(Action.DEFINITION_READ), roles::get);
  }

  /** What is answered to anybody. */
  static Router open(ManagementSettings settings) {
    var metadata = new MetadataResource(settings.address(), settings.tenancy());
    return new Router()
        .unversioned("GET", "/metadata/endpoints", Guard.NONE, metadata::endpoints)
        .unversioned(
            "GET", "/openapi.json", Guard.NONE, new OpenApiResource(settings.address())::get);
  }

  private static void principals(Router router, PrincipalsResource resource) {
    String all = "/sandpool/principals";
    String one = all + "/{id}";
    Guard write = Guard.at(Action.PRINCIPAL_WRITE);
    router
        .unversioned("GET", all, Guard.at(Action.PRINCIPAL_READ), resource::list)
        .unversioned("POST", all, write, resource::create)
        .unversioned("GET", one, Guard.at(Action.PRINCIPAL_READ), resource::get)
        .unversioned("DELETE", one, Guard.at(Action.PRINCIPAL_DELETE), resource::delete)
        .unversioned("POST", one + "/credentials", write, resource::addCredential)
        .unversioned("DELETE", one + "/credentials/{name}", write, resource::removeCredential)
        .unversioned(
            "POST",
            "/sandpool/signing-keys/rotate",
            Guard.at(Action.SIGNING_KEY_WRITE),
            resource::rotateSigningKey);
  }

  private static void uploads(Router router, UploadsResource resource) {
    String all = "/sandpool/images/uploads";
    router
        .unversioned("POST", all, Guard.at(Action.IMAGE_WRITE), resource::open)
        .unversioned("PUT", all + "/{id}", Guard.at(Action.IMAGE_WRITE), resource::append)
        .unversioned("DELETE", all + "/{id}", Guard.at(Action.IMAGE_WRITE), resource::discard);
  }

  private static void ours(Router router, ImagesResource resource) {
    router
        .unversioned("GET", "/sandpool/images", Guard.at(Action.IMAGE_READ), resource::list)
        .unversioned(
            "POST",
            "/sandpool/images/import",
            Guard.at(Action.IMAGE_WRITE),
            resource::importArchive)
        .unversioned(
            "POST", "/sandpool/images/remove", Guard.at(Action.IMAGE_DELETE), resource::remove);
  }
}
