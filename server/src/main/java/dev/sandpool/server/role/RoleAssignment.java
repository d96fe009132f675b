package dev.sandpool.server.role;

/**
 * A role that somebody was given.
 *
 * @param principal object id of who has it, or of the group whose members do
 * @param scope the id where it was given; empty for everything
 */
public record RoleAssignment(String principal, BuiltInRole role, String scope) {}
