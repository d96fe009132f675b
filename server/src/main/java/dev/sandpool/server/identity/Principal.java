package dev.sandpool.server.identity;

/**
 * Who a request is from.
 *
 * @param tenant the tenant's GUID
 * @param objectId the principal's GUID, to which roles are given
 * @param clientId the application's GUID, with which it logs in
 * @param administrator whether it may do everything
 */
public record Principal(String tenant, String objectId, String clientId, boolean administrator) {}
