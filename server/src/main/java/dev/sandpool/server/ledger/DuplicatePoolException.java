package dev.sandpool.server.ledger;

/** Another pool of the environment has that name. */
public final class DuplicatePoolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DuplicatePoolException(String message) {
    super(message);
  }
}
