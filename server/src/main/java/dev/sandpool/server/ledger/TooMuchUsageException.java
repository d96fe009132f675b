package dev.sandpool.server.ledger;

/** More sums of usage were asked for than one answer may hold. */
public final class TooMuchUsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param most how many it may hold
   */
  public TooMuchUsageException(int most) {
    super("the answer would have more than " + most + " rows; ask for fewer hours or for days");
  }
}
