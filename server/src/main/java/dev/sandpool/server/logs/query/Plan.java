package dev.sandpool.server.logs.query;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts the steps of a query together, last first: each hands its rows to the next. */
final class Plan {
  private final Limits limits;
  private final Result result;

  Plan(Limits limits, Result result) {
    this.limits = limits;
    this.result = result;
  }

  /** What begins with rows of these columns. */
  Sink of(List<Stage> stages, List<Column> columns) throws QueryException {
    if (stages.isEmpty()) {
      result.columns(columns);
      return result;
    }
    Stage stage = stages.getFirst();
    List<Stage> rest = stages.subList(1, stages.size());
    var binder = new Binder(columns);
    return switch (stage) {
      case Stage.Where(Token at, Expr condition) ->
          filter(binder.truth(at, condition), of(rest, columns));
      case Stage.Take(Token ignored, int rows) -> take(rows, of(rest, columns));
      case Stage.Sort(Token ignored, List<Stage.Order> orders) -> {
        // A take that follows bounds what has to be kept.
        int most =
            !rest.isEmpty() && rest.getFirst() instanceof Stage.Take(Token at, int rows)
                ? rows
                : Integer.MAX_VALUE;
        yield new Sorted(order(binder, orders), most, limits, of(rest, columns));
      }
      case Stage.Top(Token ignored, int rows, List<Stage.Order> orders) ->
          new Sorted(order(binder, orders), rows, limits, of(rest, columns));
      case Stage.Project(Token ignored, List<Stage.Named> named) -> project(binder, named, rest);
      case Stage.Count(Token at) ->
          group(at, List.of(), List.of(), List.of(counting(at)), binder, rest);
      case Stage.Distinct(Token at, List<Stage.Named> named) ->
          group(at, named, names(named), List.of(), binder, rest);
      case Stage.Summarize(Token at, List<Stage.Aggregate> aggregates, List<Stage.Named> by) ->
          group(at, by, names(by), aggregates, binder, rest);
    };
  }

  private static Stage.Aggregate counting(Token at) {
    return new Stage.Aggregate(at, "Count", "count", null);
  }

  private static Sink filter(Compiled condition, Sink next) {
    return new Sink() {
      @Override
      public boolean accept(Row row) throws QueryException {
        return !condition.holds(row) || next.accept(row);
      }

      @Override
      public void end() throws QueryException {
        next.end();
      }
    };
  }

  private static Sink take(int rows, Sink next) {
    return new Sink() {
      private int taken;

      @Override
      public boolean accept(Row row) throws QueryException {
        return taken < rows && next.accept(row) && ++taken < rows;
      }

      @Override
      public void end() throws QueryException {
        next.end();
      }
    };
  }

  private static Comparator<Row> order(Binder binder, List<Stage.Order> orders)
      throws QueryException {
    Comparator<Row> all = null;
    for (Stage.Order order : orders) {
      Compiled value = binder.bind(order.expr());
      Comparator<Row> one =
          (left, right) -> Values.compareNullable(value.eval().of(left), value.eval().of(right));
      one = order.descending() ? one.reversed() : one;
      all = all == null ? one : all.thenComparing(one);
    }
    return java.util.Objects.requireNonNull(all);
  }

  private Sink project(Binder binder, List<Stage.Named> named, List<Stage> rest)
      throws QueryException {
    List<Compiled> values = new ArrayList<>();
    for (Stage.Named it : named) {
      values.add(binder.bind(it.expr()));
    }
    Sink next = of(rest, columns(names(named), values.stream().map(Compiled::type).toList()));
    return new Sink() {
      @Override
      public boolean accept(Row row) throws QueryException {
        List<@Nullable Object> cells = new ArrayList<>(values.size());
        for (Compiled value : values) {
          cells.add(value.eval().of(row));
        }
        return next.accept(new Cells(cells));
      }

      @Override
      public void end() throws QueryException {
        next.end();
      }
    };
  }

  private Sink group(
      Token at,
      List<Stage.Named> by,
      List<String> names,
      List<Stage.Aggregate> aggregates,
      Binder binder,
      List<Stage> rest)
      throws QueryException {
    List<Compiled> keys = new ArrayList<>();
    List<Type> types = new ArrayList<>();
    List<String> all = new ArrayList<>(names);
    for (Stage.Named it : by) {
      keys.add(binder.bind(it.expr()));
      types.add(keys.getLast().type());
    }
    List<Grouping.Function> functions = new ArrayList<>();
    for (Stage.Aggregate it : aggregates) {
      functions.add(function(it, binder));
      types.add(functions.getLast().type());
      all.add(name(it));
    }
    return new Grouping(at, keys, functions, of(rest, columns(all, types)));
  }

  private static Grouping.Function function(Stage.Aggregate it, Binder binder)
      throws QueryException {
    Expr of = it.of();
    if (of == null) {
      return new Grouping.Function(it.function(), null);
    }
    Compiled value = binder.bind(of);
    boolean sums = it.function().equals("sum") || it.function().equals("avg");
    if (sums && !value.type().numeric()) {
      throw Binder.semantic(
          it.function() + " takes numbers, not a " + value.type().label(), it.at());
    }
    return new Grouping.Function(it.function(), value);
  }

  private static String name(Stage.Aggregate it) {
    String own = it.name();
    if (own != null) {
      return own;
    }
    String of = it.of() instanceof Expr.Name(Token at) ? at.text() : "";
    return it.function() + "_" + of;
  }

  private static List<String> names(List<Stage.Named> named) {
    List<String> names = new ArrayList<>();
    for (Stage.Named it : named) {
      names.add(Binder.nameOf(it, names.size() + 1));
    }
    return names;
  }

  private static List<Column> columns(List<String> names, List<Type> types) {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      columns.add(new Column(names.get(i), types.get(i)));
    }
    return columns;
  }
}
