package dev.sandpool.server.logs.query;

/** What one query may take, and whether it had to be cut. */
final class Limits {
  /** What Log Analytics shows at once. */
  static final int ROWS = 30_000;

  static final long BYTES = 64L << 20;
  static final int GROUPS = 100_000;

  private final long deadlineNanos;
  private boolean cut;
  private int asked;

  Limits(long deadlineNanos) {
    this.deadlineNanos = deadlineNanos;
  }

  boolean tooMuch(int rows, long bytes) {
    return rows > ROWS || (bytes > BYTES && rows > 1);
  }

  /** Notes that rows are missing, if that is so. */
  void cut(boolean missing) {
    cut |= missing;
  }

  boolean wasCut() {
    return cut;
  }

  /** Asked for each row. */
  void checkTime(Token at) throws QueryException {
    if ((++asked & 0x3ff) == 0 && System.nanoTime() - deadlineNanos > 0) {
      throw new QueryException(
          QueryException.Cause.TOO_MUCH,
          "the query takes too long; ask for less time or fewer rows",
          at);
    }
  }
}
