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
    operations(router, new OperationStatusesResource(parts, settings, store, pools));
    provider(router, new ProviderResource(parts.ledger()));
    var console = new ConsoleResource(store, parts.sessions(), parts.console());
    router.unversioned("POST", GROUP + POOLS + "/{name}/readConsole", console::read);
    ours(
        router, new ImagesResource(parts.images(), parts.uploads(), parts.ledger(), parts.pools()));
    uploads(router, new UploadsResource(parts.uploads()));
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
        .arm("DELETE", one, resource::delete);
  }

  private static void operations(Router router, OperationStatusesResource resource) {
    router
        .arm("GET", LOCATION + "/operationStatuses/{id}", resource::status)
        .arm("GET", LOCATION + "/operationResults/{id}", resource::result);
  }

  private static void provider(Router router, ProviderResource resource) {
    // Asked with the versions of another provider's API, older than session pools.
    router
        .unversioned("GET", APP, resource::get)
        .unversioned("POST", APP + "/register", resource::get);
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
