package dev.sandpool.server.logs.query;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a query comes to. */
public final class Result implements Sink {
  private final Limits limits;
  private final List<List<@Nullable Object>> rows = new ArrayList<>();
  private List<Column> columns = List.of();
  private long bytes;

  Result(Limits limits) {
    this.limits = limits;
  }

  void columns(List<Column> all) {
    columns = all;
  }

  @Override
  public boolean accept(Row row) {
    bytes += row.bytes();
    if (limits.tooMuch(rows.size() + 1, bytes)) {
      limits.cut(true);
      return false;
    }
    List<@Nullable Object> values = new ArrayList<>(columns.size());
    for (int i = 0; i < columns.size(); i++) {
      values.add(row.get(i));
    }
    rows.add(values);
    return true;
  }

  @Override
  public void end() {}

  /** The columns, in their order. */
  public List<Column> columns() {
    return columns;
  }

  /** The rows: values as {@link Row} has them. */
  public List<List<@Nullable Object>> rows() {
    return rows;
  }

  /** Whether there are more rows than an answer holds. */
  public boolean isCut() {
    return limits.wasCut();
  }
}
