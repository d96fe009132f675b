package dev.sandpool.server.logs.query;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A step of a query, between bars. */
sealed interface Stage {
  /** Where it begins. */
  Token at();

  record Where(Token at, Expr condition) implements Stage {}

  record Project(Token at, List<Named> columns) implements Stage {}

  record Summarize(Token at, List<Aggregate> aggregates, List<Named> by) implements Stage {}

  record Sort(Token at, List<Order> orders) implements Stage {}

  record Take(Token at, int rows) implements Stage {}

  record Top(Token at, int rows, List<Order> orders) implements Stage {}

  record Count(Token at) implements Stage {}

  record Distinct(Token at, List<Named> columns) implements Stage {}

  /**
   * An expression and what its column is called.
   *
   * @param name null where it has no name of its own
   */
  record Named(@Nullable String name, Expr expr) {}

  /**
   * {@code count()}, or another function of a column.
   *
   * @param name null where it has no name of its own
   * @param of null for {@code count()}
   */
  record Aggregate(Token at, @Nullable String name, String function, @Nullable Expr of) {}

  /** Kusto sorts descending where nothing is said. */
  record Order(Expr expr, boolean descending) {}
}
