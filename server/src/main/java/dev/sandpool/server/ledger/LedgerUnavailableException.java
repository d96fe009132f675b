package dev.sandpool.server.ledger;

import org.jspecify.annotations.Nullable;

/** The ledger cannot be written now; nothing has changed. */
public final class LedgerUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LedgerUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
