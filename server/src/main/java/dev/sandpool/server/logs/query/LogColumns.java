package dev.sandpool.server.logs.query;

import dev.sandpool.server.logs.LogOrigin;
import dev.sandpool.server.logs.LogPlace;
import dev.sandpool.server.logs.LogRow;
import dev.sandpool.server.logs.LogTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The columns of the tables, with the names and types that Log Analytics gives them, and ours. */
public final class LogColumns {
  static final String TIME = "TimeGenerated";

  /** What has no {@code _s} in a table that is filled by customers either. */
  private static final Set<String> PLAIN = Set.of("TenantId", "SourceSystem", "Type");

  private static final List<Column> ALL =
      List.of(
          new Column("TenantId", Type.STRING),
          new Column(TIME, Type.DATETIME),
          new Column("Level", Type.STRING),
          new Column("Location", Type.STRING),
          new Column("Log", Type.STRING),
          new Column("NodeName", Type.STRING),
          new Column("OperationName", Type.STRING),
          new Column("PodName", Type.STRING),
          new Column("SessionPoolName", Type.STRING),
          new Column("Stream", Type.STRING),
          new Column("RevisionName", Type.STRING),
          new Column("SessionHash", Type.STRING),
          new Column("SourceSystem", Type.STRING),
          new Column("Type", Type.STRING),
          new Column("_BilledSize", Type.REAL),
          new Column("_IsBillable", Type.STRING),
          new Column("_ResourceId", Type.STRING),
          new Column("_SubscriptionId", Type.STRING));

  private LogColumns() {}

  /** Those of a table of that name, in order. */
  public static List<Column> of(String table) {
    List<Column> columns = new ArrayList<>();
    boolean custom = LogTable.isCustom(table);
    for (Column it : ALL) {
      boolean suffix =
          custom
              && it.type() == Type.STRING
              && !it.name().startsWith("_")
              && !PLAIN.contains(it.name());
      columns.add(suffix ? new Column(it.name() + "_s", it.type()) : it);
    }
    return columns;
  }

  /** A stored row as a query sees it. */
  record StoredRow(String table, String node, LogPlace place, LogOrigin origin, LogRow row)
      implements Row {
    @Override
    public @Nullable Object get(int column) {
      return switch (column) {
        case 0 -> place.workspace();
        case 1 -> LogRow.instant(row.micros());
        case 2 -> row.operation().level();
        case 3 -> place.location();
        case 4 -> row.string();
        case 5 -> node;
        case 6 -> row.operation().title();
        case 7 -> origin.pod();
        case 8 -> place.poolName();
        case 9 -> row.operation().stream();
        case 10 -> origin.revision();
        case 11 -> origin.session();
        case 12 -> "Sandpool";
        case 13 -> table;
        case 14 -> (double) row.text().length;
        case 15 -> "false";
        case 16 -> place.environmentId().toLowerCase(java.util.Locale.ROOT);
        default -> place.subscription();
      };
    }

    @Override
    public int bytes() {
      return 120 + row.text().length;
    }
  }
}
