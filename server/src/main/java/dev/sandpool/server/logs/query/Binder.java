package dev.sandpool.server.logs.query;

import dev.sandpool.server.logs.query.QueryException.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Gives the names of expressions their columns, and refuses what does not fit together. */
record Binder(List<Column> columns) {
  Compiled bind(Expr expr) throws QueryException {
    return switch (expr) {
      case Expr.Name(Token at) -> column(at);
      case Expr.Literal(Token ignored, Type type, Object value) -> new Compiled(type, row -> value);
      case Expr.And(Token at, Expr left, Expr right) -> {
        Compiled first = truth(at, left);
        Compiled second = truth(at, right);
        yield new Compiled(Type.BOOL, row -> first.holds(row) && second.holds(row));
      }
      case Expr.Or(Token at, Expr left, Expr right) -> {
        Compiled first = truth(at, left);
        Compiled second = truth(at, right);
        yield new Compiled(Type.BOOL, row -> first.holds(row) || second.holds(row));
      }
      case Expr.Not(Token at, Expr inner) -> {
        Compiled it = truth(at, inner);
        yield new Compiled(Type.BOOL, row -> !it.holds(row));
      }
      case Expr.In in -> in(in);
      case Expr.Compare compare -> compare(compare);
      case Expr.Bin bin -> bin(bin);
    };
  }

  /** Which column a name is: in its own case, or else the form with or without {@code _s}. */
  int index(Token name) throws QueryException {
    for (String text : List.of(name.text(), name.text() + "_s", cut(name.text()))) {
      for (int i = 0; i < columns.size(); i++) {
        if (columns.get(i).name().equals(text)) {
          return i;
        }
      }
    }
    throw semantic(
        "there is no column "
            + name.shown()
            + "; there are: "
            + String.join(", ", columns.stream().map(Column::name).toList()),
        name);
  }

  private static String cut(String name) {
    return name.endsWith("_s") ? name.substring(0, name.length() - 2) : name;
  }

  private Compiled column(Token name) throws QueryException {
    int index = index(name);
    return new Compiled(columns.get(index).type(), row -> row.get(index));
  }

  Compiled truth(Token at, Expr expr) throws QueryException {
    Compiled it = bind(expr);
    if (it.type() != Type.BOOL) {
      throw semantic("a condition is expected here, not a " + it.type().label(), at);
    }
    return it;
  }

  private Compiled in(Expr.In in) throws QueryException {
    Compiled left = bind(in.left());
    Set<Object> constants = new HashSet<>();
    for (Expr value : in.values()) {
      if (!(value instanceof Expr.Literal literal) || literal.type() != left.type()) {
        throw semantic(
            in.at().shown() + " takes values of the type " + left.type().label(), value.at());
      }
      constants.add(literal.value());
    }
    return new Compiled(
        Type.BOOL,
        row -> {
          Object value = left.eval().of(row);
          return (value != null && constants.contains(value)) != in.not();
        });
  }

  private Compiled compare(Expr.Compare compare) throws QueryException {
    Compiled left = bind(compare.left());
    Compiled right = bind(compare.right());
    Token at = compare.at();
    boolean sign = at.kind() == Token.Kind.SYMBOL && !at.text().endsWith("~");
    boolean fit =
        sign
            ? left.type() == right.type() || (left.type().numeric() && right.type().numeric())
            : left.type() == Type.STRING && right.type() == Type.STRING;
    if (!fit) {
      throw semantic(
          at.shown() + " does not compare " + left.type().label() + " with " + right.type().label(),
          at);
    }
    return sign ? ordered(compare.operator(), left, right) : text(compare, left, right);
  }

  private static Compiled ordered(String operator, Compiled left, Compiled right) {
    return new Compiled(
        Type.BOOL,
        row -> {
          Object first = left.eval().of(row);
          Object second = right.eval().of(row);
          if (first == null || second == null) {
            return operator.equals("!=") && !Objects.equals(first, second);
          }
          int order = Values.compare(first, second);
          return switch (operator) {
            case "==" -> order == 0;
            case "!=" -> order != 0;
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
          };
        });
  }

  private static Compiled text(Expr.Compare compare, Compiled left, Compiled right) {
    String operator = compare.operator();
    boolean not = operator.startsWith("!");
    TextTest test = TextTest.of(not ? operator.substring(1) : operator);
    // Nearly always a constant, of which the lower case is taken once.
    @Nullable String constant =
        compare.right() instanceof Expr.Literal literal
            ? Values.lower((String) literal.value())
            : null;
    return new Compiled(
        Type.BOOL,
        row -> {
          Object text = left.eval().of(row);
          Object wanted = constant == null ? right.eval().of(row) : constant;
          boolean holds =
              text != null
                  && wanted != null
                  && test.holds(
                      (String) text, constant == null ? Values.lower((String) wanted) : constant);
          return holds != not;
        });
  }

  private Compiled bin(Expr.Bin bin) throws QueryException {
    Compiled value = bind(bin.value());
    Compiled step = bind(bin.step());
    boolean time = value.type() == Type.DATETIME && step.type() == Type.TIMESPAN;
    boolean number = value.type() == Type.LONG && step.type() == Type.LONG;
    boolean constant =
        bin.step() instanceof Expr.Literal literal && Values.positive(literal.value());
    if (!(time || number) || !constant) {
      throw semantic(
          "bin takes a datetime and a timespan, or two longs, the second constant and positive",
          bin.at());
    }
    Object by = Objects.requireNonNull(((Expr.Literal) bin.step()).value());
    return new Compiled(
        value.type(),
        row ->
            switch (value.eval().of(row)) {
              case Instant it -> Values.bin(it, (Duration) by);
              case Long it -> it - Math.floorMod(it, (long) by);
              case null, default -> null;
            });
  }

  /** What a column of an expression is called where it has no name of its own. */
  static String nameOf(Stage.Named named, int number) {
    String own = named.name();
    if (own != null) {
      return own;
    }
    return switch (named.expr()) {
      case Expr.Name(Token at) -> at.text();
      case Expr.Bin(Token ignored, Expr.Name(Token at), Expr step) -> at.text();
      default -> "Column" + number;
    };
  }

  static QueryException semantic(String message, Token at) {
    return new QueryException(Cause.SEMANTIC, message, at);
  }
}
