package dev.sandpool.server.engine;

/** A sandbox of which something is still there; stopping it again goes on where this ended. */
public final class SandboxStopException extends Exception {
  private static final long serialVersionUID = 1L;

  public SandboxStopException(String message, Throwable cause) {
    super(message, cause);
  }

  public SandboxStopException(String message) {
    super(message);
  }
}
