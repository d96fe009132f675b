package dev.sandpool.server.identity;

import dev.sandpool.server.role.Caller;
import java.util.Set;

/**
 * Who a request is from.
 *
 * @param tenant the tenant's GUID
 * @param objectId the principal's GUID, to which roles are given
 * @param clientId the application's GUID, with which it logs in
 * @param administrator whether it may do everything, without having been given a role
 * @param groups the object ids of the groups that it is in, whose roles are its own as well
 */
public record Principal(
    String tenant, String objectId, String clientId, boolean administrator, Set<String> groups) {
  public Principal {
    groups = Set.copyOf(groups);
  }

  /** One that is in no group. */
  public Principal(String tenant, String objectId, String clientId, boolean administrator) {
    this(tenant, objectId, clientId, administrator, Set.of());
  }

  /** As roles know it. */
  Caller caller() {
    return administrator ? Caller.administrator(objectId) : Caller.of(objectId, groups);
  }
}
