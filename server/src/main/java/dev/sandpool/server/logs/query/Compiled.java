package dev.sandpool.server.logs.query;

import org.jspecify.annotations.Nullable;

/** An expression that can be asked of rows, of which is known what it answers. */
record Compiled(Type type, Eval eval) {
  /** Asks one row. */
  @FunctionalInterface
  interface Eval {
    @Nullable Object of(Row row);
  }

  boolean holds(Row row) {
    return Boolean.TRUE.equals(eval.of(row));
  }
}
