package dev.sandpool.server.role;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who calls, as roles know them: by object id and groups. Remembers what it may do until
 * roles change.
 */
public final class Caller {
  private final String objectId;
  private final List<String> ids;
  private final boolean administrator;
  private volatile @Nullable Known known;

  private record Known(RoleTable table, Rights rights) {}

  private Caller(String objectId, List<String> ids, boolean administrator) {
    this.objectId = objectId;
    this.ids = ids;
    this.administrator = administrator;
  }

  /** A principal and its groups, by their object ids. */
  public static Caller of(String objectId, Collection<String> groups) {
    List<String> ids =
        Stream.concat(Stream.of(objectId), groups.stream())
            .map(id -> id.toLowerCase(Locale.ROOT))
            .toList();
    return new Caller(objectId, ids, false);
  }

  /** An administrator of the server: Owner and Session Executor of everything, not to be taken. */
  public static Caller administrator(String objectId) {
    return new Caller(objectId, List.of(), true);
  }

  /** The principal's own. */
  public String objectId() {
    return objectId;
  }

  /** As of that table; the same object as long as the table is. */
  Rights rights(RoleTable table) {
    if (administrator) {
      return Rights.ALL;
    }
    Known now = known;
    if (now == null || now.table() != table) {
      now = new Known(table, table.of(ids));
      known = now;
    }
    return now.rights();
  }
}
