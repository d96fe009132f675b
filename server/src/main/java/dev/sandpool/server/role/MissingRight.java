package dev.sandpool.server.role;

import dev.sandpool.model.ArmException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** The refusal of who has a good token and lacks a right. */
public final class MissingRight {
  private MissingRight() {}

  /**
   * Names who, what, where and which roles would do; the same whether there is something at the
   * scope or not.
   */
  public static ArmException of(Caller caller, Action action, Scope scope) {
    String roles =
        Arrays.stream(BuiltInRole.values())
            .filter(role -> role.allowed().contains(action))
            .map(BuiltInRole::title)
            .collect(Collectors.joining("', '", "'", "'"));
    return new ArmException(
        403,
        "Forbidden",
        ("The client with object id '%s' does not have authorization to perform action '%s' over"
                + " scope '%s'. Roles that allow it, given there or above: %s.")
            .formatted(caller.objectId(), action.id(), scope, roles));
  }
}
