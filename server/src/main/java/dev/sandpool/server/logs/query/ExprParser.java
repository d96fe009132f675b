package dev.sandpool.server.logs.query;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads expressions: {@code or} binds less than {@code and}, and that less than comparisons. */
final class ExprParser {
  private static final Set<String> SYMBOLS = Set.of("==", "!=", "<", "<=", ">", ">=", "=~", "!~");
  private static final Set<String> WORDS =
      Set.of(
          "contains",
          "!contains",
          "has",
          "!has",
          "startswith",
          "!startswith",
          "endswith",
          "!endswith");

  private final Parser words;
  private final Instant now;
  private final int depth;
  private int open;

  ExprParser(Parser words, Instant now, int depth) {
    this.words = words;
    this.now = now;
    this.depth = depth;
  }

  Expr condition() throws QueryException {
    if (++open > depth) {
      throw Parser.syntax("more than " + depth + " brackets are open here", words.peek());
    }
    Expr left = conjunction();
    while (words.peek().isWord("or")) {
      Token at = words.next();
      left = new Expr.Or(at, left, conjunction());
    }
    open--;
    return left;
  }

  private Expr conjunction() throws QueryException {
    Expr left = comparison();
    while (words.peek().isWord("and")) {
      Token at = words.next();
      left = new Expr.And(at, left, comparison());
    }
    return left;
  }

  private Expr comparison() throws QueryException {
    Expr left = operand();
    Token operator = words.peek();
    Set<String> known = operator.kind() == Token.Kind.SYMBOL ? SYMBOLS : WORDS;
    boolean bare = operator.kind() == Token.Kind.SYMBOL || operator.kind() == Token.Kind.NAME;
    if (bare && known.contains(operator.text())) {
      words.next();
      return new Expr.Compare(operator, operator.text(), left, operand());
    }
    if (operator.isWord("in") || operator.isWord("!in")) {
      words.next();
      return new Expr.In(operator, operator.isWord("!in"), left, list());
    }
    boolean another =
        operator.kind() == Token.Kind.NAME
            && !Set.of("and", "or", "by", "asc", "desc").contains(operator.text());
    if (another) {
      throw Parser.syntax(
          "the operator "
              + operator.shown()
              + " is not of the subset; accepted: ==, !=, <, <=, >, >=, =~, !~, contains, has,"
              + " startswith, endswith (also with !), in, !in, and, or, not()",
          operator);
    }
    return left;
  }

  private List<Expr> list() throws QueryException {
    words.expect("(");
    List<Expr> values = new ArrayList<>();
    do {
      values.add(operand());
    } while (words.accept(","));
    words.expect(")");
    return values;
  }

  private Expr operand() throws QueryException {
    Token at = words.next();
    return switch (at.kind()) {
      case STRING -> new Expr.Literal(at, Type.STRING, at.text());
      case NUMBER -> number(at, at.text());
      case TIMESPAN -> new Expr.Literal(at, Type.TIMESPAN, timespan(at));
      case NAME -> words.peek().is("(") ? function(at) : named(at);
      case SYMBOL -> {
        if (at.is("(")) {
          Expr inner = condition();
          words.expect(")");
          yield inner;
        }
        if (at.is("-") && words.peek().kind() == Token.Kind.NUMBER) {
          yield number(at, "-" + words.next().text());
        }
        throw Parser.syntax("a value is expected, not " + at.shown(), at);
      }
      case END -> throw Parser.syntax("a value is expected, not " + at.shown(), at);
    };
  }

  private static Expr named(Token at) {
    return switch (at.text()) {
      case "true" -> new Expr.Literal(at, Type.BOOL, true);
      case "false" -> new Expr.Literal(at, Type.BOOL, false);
      default -> new Expr.Name(at);
    };
  }

  private static Expr number(Token at, String text) throws QueryException {
    try {
      return text.contains(".")
          ? new Expr.Literal(at, Type.REAL, Double.parseDouble(text))
          : new Expr.Literal(at, Type.LONG, Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw Parser.syntax(at.shown() + " is not a number", at);
    }
  }

  private Expr function(Token at) throws QueryException {
    words.expect("(");
    Expr result =
        switch (at.text()) {
          case "not" -> new Expr.Not(at, condition());
          case "ago" -> new Expr.Literal(at, Type.DATETIME, now.minus(timespan(words.next())));
          case "now" -> new Expr.Literal(at, Type.DATETIME, now);
          case "datetime" -> datetime(at);
          case "bin" -> {
            Expr value = operand();
            words.expect(",");
            yield new Expr.Bin(at, value, operand());
          }
          default ->
              throw Parser.syntax(
                  "the function "
                      + at.shown()
                      + " is not of the subset; accepted: ago, now, datetime, bin, not",
                  at);
        };
    words.expect(")");
    return result;
  }

  /** Not quoted, the time falls apart into words: it is put together again. */
  private Expr datetime(Token at) throws QueryException {
    var text = new StringBuilder();
    while (!words.peek().is(")") && words.peek().kind() != Token.Kind.END) {
      Token part = words.next();
      boolean hour = part.kind() != Token.Kind.SYMBOL && text.toString().matches(".*-\\d\\d");
      text.append(hour && part.kind() == Token.Kind.NUMBER ? "T" : "").append(part.text());
    }
    return new Expr.Literal(at, Type.DATETIME, instant(at, text.toString().strip()));
  }

  private static Instant instant(Token at, String given) throws QueryException {
    String text = given.replace(' ', 'T');
    try {
      if (!text.contains("T")) {
        return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
      }
      return text.matches(".*(Z|[+-]\\d\\d:\\d\\d)")
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw Parser.syntax(
          "'" + given + "' is no time such as 2026-01-31 or 2026-01-31T23:59:59Z", at);
    }
  }

  private static Duration timespan(Token at) throws QueryException {
    String text = at.text();
    int digits = 0;
    while (digits < text.length()
        && (Character.isDigit(text.charAt(digits)) || text.charAt(digits) == '.')) {
      digits++;
    }
    double seconds =
        switch (text.substring(digits)) {
          case "d", "day", "days" -> 86_400;
          case "h", "hr", "hour", "hours" -> 3600;
          case "m", "min", "minute", "minutes" -> 60;
          case "s", "sec", "second", "seconds" -> 1;
          case "ms", "millisecond", "milliseconds" -> 0.001;
          default -> 0;
        };
    try {
      double amount = Double.parseDouble(text.substring(0, digits));
      if (at.kind() == Token.Kind.TIMESPAN && seconds > 0 && amount * seconds < 1e10) {
        return Duration.ofNanos(Math.round(amount * seconds * 1e6) * 1000);
      }
    } catch (NumberFormatException e) {
      throw Parser.syntax(at.shown() + " is no span of time such as 1h, 30m or 7d", at);
    }
    throw Parser.syntax(at.shown() + " is no span of time such as 1h, 30m or 7d", at);
  }
}
