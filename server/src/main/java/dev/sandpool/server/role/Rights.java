package dev.sandpool.server.role;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one caller may do, as of one {@link RoleTable}. Asking costs four look-ups at most and makes
 * no garbage, so event loops may.
 */
public final class Rights {
  /** To do everything everywhere. */
  public static final Rights ALL = new Rights(Map.of("", EnumSet.allOf(Action.class)));

  private final Map<String, Set<Action>> byScope;

  private Rights(Map<String, Set<Action>> byScope) {
    this.byScope = byScope;
  }

  /** Those that come of these roles. */
  public static Rights of(List<RoleAssignment> given) {
    Map<String, Set<Action>> byScope = new HashMap<>();
    for (RoleAssignment one : given) {
      byScope
          .computeIfAbsent(Scope.of(one.scope()).upwards().getFirst(), _ -> none())
          .addAll(one.role().allowed());
    }
    return new Rights(byScope);
  }

  private static Set<Action> none() {
    return EnumSet.noneOf(Action.class);
  }

  /** Whether they allow that at the scope, by what was given there or above. */
  public boolean allow(Action action, Scope scope) {
    if (action == Action.NONE) {
      return true;
    }
    List<String> upwards = scope.upwards();
    for (int i = 0; i < upwards.size(); i++) {
      Set<Action> given = byScope.get(upwards.get(i));
      if (given != null && given.contains(action)) {
        return true;
      }
    }
    return false;
  }

  /** Whether they allow anything at the scope, above it, or below it. */
  public boolean touch(Scope scope) {
    String own = scope.upwards().getFirst();
    return byScope.keySet().stream()
        .anyMatch(given -> scope.upwards().contains(given) || given.startsWith(own + "/"));
  }
}
