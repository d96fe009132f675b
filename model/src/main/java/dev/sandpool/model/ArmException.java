package dev.sandpool.model;

/** A request that is answered with an {@link ArmError} and an HTTP status. */
public final class ArmException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient ArmError error;

  public ArmException(int status, ArmError error) {
    super(error.code() + ": " + error.message());
    this.status = status;
    this.error = error;
  }

  public ArmException(int status, String code, String message) {
    this(status, new ArmError(code, message));
  }

  /** The HTTP status, 400 to 599. */
  public int status() {
    return status;
  }

  /** What goes into the body. */
  public ArmError error() {
    return error;
  }
}
