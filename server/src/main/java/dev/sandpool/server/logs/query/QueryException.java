package dev.sandpool.server.logs.query;

/** A query that cannot be answered, and where in it the reason stands. */
public final class QueryException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Who could do otherwise. */
  public enum Cause {
    /** It is not of the language, or not of the subset. */
    SYNTAX,
    /** It names what there is not, or compares what cannot be compared. */
    SEMANTIC,
    /** It takes too long or too much memory. */
    TOO_MUCH
  }

  private final Cause kind;
  private final int line;
  private final int column;
  private final String token;

  QueryException(Cause kind, String message, Token at) {
    super(message + " (line " + at.line() + ", column " + at.column() + ")");
    this.kind = kind;
    this.line = at.line();
    this.column = at.column();
    this.token = at.text();
  }

  public Cause kind() {
    return kind;
  }

  /** From 1. */
  public int line() {
    return line;
  }

  /** From 1. */
  public int column() {
    return column;
  }

  /** What stands there. */
  public String token() {
    return token;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
