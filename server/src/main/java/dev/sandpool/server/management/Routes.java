package dev.sandpool.server.management;

import dev.sandpool.model.ResourceId;
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
    settings(router, new SettingsResource(parts, store, changes));
    operations(router, new OperationStatusesResource(parts, settings, store, pools));
    provider(router, new ProviderResource(parts.ledger()));
    subscriptions(router, new SubscriptionsResource(parts.ledger(), settings.tenancy()));
    groups(router, new GroupsResource(parts, settings, store, changes));
    workspaces(router, new WorkspacesResource(parts, settings, changes));
    roles(router, new RoleAssignments(parts, changes), new RoleDefinitions());
    var console = new ConsoleResource(store, parts.sessions(), parts.console());
    router.unversioned("POST", GROUP + POOLS + "/{name}/readConsole", console::read);
    ours(
        router, new ImagesResource(parts.images(), parts.uploads(), parts.ledger(), parts.pools()));
    uploads(router, new UploadsResource(parts.uploads()));
    var audit = new AuditResource(parts.records());
    router
        .unversioned("GET", "/sandpool/audit", audit::list)
        .unversioned("GET", "/sandpool/audit/examination", audit::examine);
    var version = new VersionResource(settings.version(), settings.instance(), parts.engine());
    return router
        .unversioned("GET", "/sandpool/version", version::get)
        .unversioned("GET", "/sandpool/metrics", new MetricsResource(parts.lifecycle())::get);
  }

  private static void environments(Router router, ManagedEnvironmentsResource resource) {
    String one = GROUP + ENVIRONMENTS + "/{name}";
    router
        .arm("GET", SUBSCRIPTION + ENVIRONMENTS, resource::list)
        .arm("GET", GROUP + ENVIRONMENTS, resource::list)
        .arm("GET", one, resource::get)
        .arm("PUT", one, resource::put)
        .arm("PATCH", one, resource::patch)
        .arm("DELETE", one, resource::delete)
        .arm("GET", LOCATION + "/managedEnvironmentOperationStatuses/{id}", resource::status)
        .arm("GET", LOCATION + "/managedEnvironmentOperationResults/{id}", resource::result);
  }

  private static void pools(Router router, SessionPoolsResource resource) {
    String one = GROUP + POOLS + "/{name}";
    router
        .arm("GET", SUBSCRIPTION + POOLS, resource::list)
        .arm("GET", GROUP + POOLS, resource::list)
        .arm("GET", one, resource::get)
        .arm("PUT", one, resource::put)
        .arm("PATCH", one, resource::patch)
        .arm("DELETE", one, resource::delete)
        .arm("POST", one + "/fetchMcpServerCredentials", resource::mcpCredentials)
        .arm("POST", one + "/rotateMcpServerCredentials", resource::mcpCredentials);
  }

  private static void settings(Router router, SettingsResource resource) {
    String all = GROUP + POOLS + "/{name}/settings";
    router
        .arm("GET", all, resource::list)
        .arm("GET", all + "/{settings}", resource::get)
        .arm("PUT", all + "/{settings}", resource::put)
        .arm("PATCH", all + "/{settings}", resource::patch);
  }

  private static void operations(Router router, OperationStatusesResource resource) {
    router
        .arm("GET", LOCATION + "/operationStatuses/{id}", resource::status)
        .arm("GET", LOCATION + "/operationResults/{id}", resource::result);
  }

  private static void provider(Router router, ProviderResource resource) {
    // Asked with the versions of another provider's API, older than session pools.
    router
        .unversioned("GET", SUBSCRIPTION + "/providers", resource::list)
        .unversioned("GET", SUBSCRIPTION + "/providers/{namespace}", resource::get)
        .unversioned("POST", SUBSCRIPTION + "/providers/{namespace}/register", resource::get)
        .arm("GET", "/providers/Microsoft.App/operations", resource::operations);
  }

  private static void subscriptions(Router router, SubscriptionsResource resource) {
    router
        .unversioned("GET", "/subscriptions", resource::list)
        .unversioned("GET", SUBSCRIPTION, resource::get)
        .unversioned("GET", SUBSCRIPTION + "/locations", resource::locations)
        .unversioned("GET", "/tenants", resource::tenants);
  }

  private static void groups(Router router, GroupsResource resource) {
    router
        .unversioned("GET", SUBSCRIPTION + "/resourceGroups", resource::list)
        .unversioned("GET", GROUP, resource::get)
        .unversioned("HEAD", GROUP, resource::head)
        .unversioned("PUT", GROUP, resource::put)
        .unversioned("PATCH", GROUP, resource::patch)
        .unversioned("DELETE", GROUP, resource::delete)
        .unversioned("GET", SUBSCRIPTION + "/operationresults/{id}", resource::result);
  }

  private static void workspaces(Router router, WorkspacesResource resource) {
    String all = "/providers/" + WorkspacesResource.TYPE;
    String one = GROUP + all + "/{name}";
    router
        .unversioned("GET", SUBSCRIPTION + all, resource::list)
        .unversioned("GET", GROUP + all, resource::list)
        .unversioned("GET", one, resource::get)
        .unversioned("PUT", one, resource::put)
        .unversioned("PATCH", one, resource::patch)
        .unversioned("DELETE", one, resource::delete)
        .unversioned("POST", one + "/sharedKeys", resource::sharedKeys);
  }

  private static void roles(Router router, RoleAssignments given, RoleDefinitions roles) {
    String assignments = "{+scope}/providers/" + RoleAssignments.TYPE;
    String definitions = "{+scope}/providers/" + RoleDefinitions.TYPE;
    router
        .unversioned("GET", assignments, given::list)
        .unversioned("GET", assignments + "/{name}", given::get)
        .unversioned("PUT", assignments + "/{name}", given::put)
        .unversioned("DELETE", assignments + "/{name}", given::delete)
        .unversioned("GET", definitions, roles::list)
        .unversioned("GET", definitions + "/{role}", roles::get);
  }

  /** What is answered to anybody. */
  static Router open(ManagementSettings settings) {
    var metadata = new MetadataResource(settings.address(), settings.tenancy());
    return new Router()
        .unversioned("GET", "/metadata/endpoints", metadata::endpoints)
        .unversioned("GET", "/openapi.json", new OpenApiResource(settings.address())::get);
  }

  private static void uploads(Router router, UploadsResource resource) {
    String all = "/sandpool/images/uploads";
    router
        .unversioned("POST", all, resource::open)
        .unversioned("PUT", all + "/{id}", resource::append)
        .unversioned("DELETE", all + "/{id}", resource::discard);
  }

  private static void ours(Router router, ImagesResource resource) {
    router
        .unversioned("GET", "/sandpool/images", resource::list)
        .unversioned("POST", "/sandpool/images/import", resource::importArchive)
        .unversioned("POST", "/sandpool/images/remove", resource::remove);
  }
}
