package dev.sandpool.server.logs.query;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code summarize}, {@code count} and {@code distinct}: one row a group. */
final class Grouping implements Sink {
  private final Token at;
  private final List<Compiled> keys;
  private final List<Function> functions;
  private final Sink next;
  private final Map<List<@Nullable Object>, List<Accumulator>> groups = new LinkedHashMap<>();

  /**
   * An aggregate.
   *
   * @param of what of; null counts rows
   */
  record Function(String name, @Nullable Compiled of) {
    Type type() {
      return of == null ? Type.LONG : name.equals("avg") ? Type.REAL : of.type();
    }
  }

  Grouping(Token at, List<Compiled> keys, List<Function> functions, Sink next) {
    this.at = at;
    this.keys = keys;
    this.functions = functions;
    this.next = next;
    if (keys.isEmpty()) {
      groups.put(List.of(), fresh());
    }
  }

  private List<Accumulator> fresh() {
    return functions.stream().map(it -> new Accumulator(it.name)).toList();
  }

  @Override
  public boolean accept(Row row) throws QueryException {
    List<@Nullable Object> key = new ArrayList<>(keys.size());
    for (Compiled it : keys) {
      key.add(it.eval().of(row));
    }
    List<Accumulator> group = groups.get(key);
    if (group == null) {
      if (groups.size() >= Limits.GROUPS) {
        throw new QueryException(
            QueryException.Cause.TOO_MUCH, "there are more than " + Limits.GROUPS + " groups", at);
      }
      group = fresh();
      groups.put(key, group);
    }
    for (int i = 0; i < functions.size(); i++) {
      Compiled of = functions.get(i).of();
      group.get(i).add(of == null ? true : of.eval().of(row));
    }
    return true;
  }

  @Override
  public void end() throws QueryException {
    for (Map.Entry<List<@Nullable Object>, List<Accumulator>> group : groups.entrySet()) {
      List<@Nullable Object> values = new ArrayList<>(group.getKey());
      for (int i = 0; i < functions.size(); i++) {
        values.add(group.getValue().get(i).result(functions.get(i).type()));
      }
      if (!next.accept(new Cells(values))) {
        break;
      }
    }
    next.end();
  }

  /** One aggregate of one group. */
  private static final class Accumulator {
    private final String function;
    private long count;
    private long whole;
    private double sum;
    private @Nullable Object best;

    Accumulator(String function) {
      this.function = function;
    }

    void add(@Nullable Object value) {
      if (value == null) {
        return;
      }
      count++;
      switch (function) {
        case "min" -> best = best == null || Values.compare(value, best) < 0 ? value : best;
        case "max" -> best = best == null || Values.compare(value, best) > 0 ? value : best;
        case "sum", "avg" -> {
          Number number = (Number) value;
          whole += number.longValue();
          sum += number.doubleValue();
        }
        default -> {
          // Counted.
        }
      }
    }

    @Nullable Object result(Type type) {
      return switch (function) {
        case "count" -> count;
        case "min", "max" -> best;
        case "avg" -> count == 0 ? null : sum / count;
        default -> type == Type.LONG ? (Object) whole : (Object) sum;
      };
    }
  }
}
