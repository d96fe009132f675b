package dev.sandpool.server.workload;

/**
 * An identity that the containers of a pool may use.
 *
 * @param resourceId of the pool for its own identity, else of the user-assigned identity
 * @param system whether it is the pool's own
 * @param principalId who it is, a GUID: the subject of its tokens
 * @param clientId as what it asks for tokens, a GUID
 */
public record Grant(String resourceId, boolean system, String principalId, String clientId) {}
