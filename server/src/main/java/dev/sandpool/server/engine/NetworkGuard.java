package dev.sandpool.server.engine;

/**
 * How the rules stand that keep sandboxes apart from each other and from the host.
 *
 * @param inForce whether all of them are; while they are not, nothing may be started or given to a
 *     session
 * @param detail what was found, in words for a person
 */
public record NetworkGuard(boolean inForce, String detail) implements EngineEvent {}
