package dev.sandpool.server.logs.query;

import java.time.Instant;
import java.util.List;

/**
 * Between which times rows can matter, both ends included: what conditions on the time of a row say
 * before anything else is done with it, so the rest need not be read.
 */
record TimeRange(Instant from, Instant to) {
  static final TimeRange ALL = new TimeRange(Instant.EPOCH, Instant.parse("9999-12-31T00:00:00Z"));

  TimeRange and(TimeRange other) {
    return new TimeRange(
        from.isAfter(other.from) ? from : other.from, to.isBefore(other.to) ? to : other.to);
  }

  static TimeRange of(List<Stage> stages) {
    TimeRange range = ALL;
    for (Stage stage : stages) {
      if (!(stage instanceof Stage.Where(Token ignored, Expr condition))) {
        return range;
      }
      range = range.and(of(condition));
    }
    return range;
  }

  private static TimeRange of(Expr condition) {
    return switch (condition) {
      case Expr.And(Token ignored, Expr left, Expr right) -> of(left).and(of(right));
      case Expr.Compare(Token ignored, String operator, Expr.Name(Token name), Expr.Literal bound)
          when name.text().equals(LogColumns.TIME) && bound.value() instanceof Instant at ->
          of(operator, at);
      default -> ALL;
    };
  }

  private static TimeRange of(String operator, Instant at) {
    return switch (operator) {
      case ">", ">=" -> new TimeRange(at, ALL.to);
      case "<", "<=" -> new TimeRange(ALL.from, at);
      case "==" -> new TimeRange(at, at);
      default -> ALL;
    };
  }
}
