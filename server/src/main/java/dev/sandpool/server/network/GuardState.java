package dev.sandpool.server.network;

/**
 * Whether the packet rules stand as they were made.
 *
 * @param detail what was found, in words for a person
 */
public record GuardState(boolean inForce, String detail) {}
