package dev.sandpool.server.logs.query;

import java.util.List;

/** An expression as it was written. */
sealed interface Expr {
  /** Where it begins. */
  Token at();

  /** The value of a column. */
  record Name(Token at) implements Expr {}

  /** A value that stands there, of one of the types. */
  record Literal(Token at, Type type, Object value) implements Expr {}

  /** {@code left OPERATOR right}. */
  record Compare(Token at, String operator, Expr left, Expr right) implements Expr {}

  /** {@code left in (values)}, or not in. */
  record In(Token at, boolean not, Expr left, List<Expr> values) implements Expr {}

  record And(Token at, Expr left, Expr right) implements Expr {}

  record Or(Token at, Expr left, Expr right) implements Expr {}

  record Not(Token at, Expr inner) implements Expr {}

  /** {@code bin(value, step)}. */
  record Bin(Token at, Expr value, Expr step) implements Expr {}
}
