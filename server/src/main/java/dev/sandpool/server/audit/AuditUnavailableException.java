package dev.sandpool.server.audit;

/** Nothing can be recorded now: the disk is full or broken. */
public final class AuditUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public AuditUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
