package dev.sandpool.server.role;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * All role assignments at one moment. A change makes another table; being this one is the version
 * stamp that what is remembered of callers carries.
 */
final class RoleTable {
  private final Map<String, List<RoleAssignment>> byPrincipal = new HashMap<>();

  RoleTable(List<RoleAssignment> assignments) {
    for (RoleAssignment one : assignments) {
      byPrincipal
          .computeIfAbsent(one.principal().toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
          .add(one);
    }
  }

  /** What those have who are all these: a principal and its groups, in lower case. */
  Rights of(List<String> ids) {
    return Rights.of(
        ids.stream().flatMap(id -> byPrincipal.getOrDefault(id, List.of()).stream()).toList());
  }
}
