package dev.sandpool.server.logs.query;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A row that was computed. */
record Cells(List<@Nullable Object> values) implements Row {
  @Override
  public @Nullable Object get(int column) {
    return values.get(column);
  }

  @Override
  public int bytes() {
    return values.stream().mapToInt(Values::bytes).sum();
  }
}
