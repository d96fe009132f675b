package dev.sandpool.server.engine;

import java.util.Objects;

/** A sandbox that could not be started; nothing of it is left. */
public final class SandboxStartException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Who is at fault, which decides whether to try again. */
  public enum Cause {
    /**
     * The image cannot run: entry point missing, wrong architecture. Trying again changes nothing.
     */
    IMAGE,
    /** The host cannot now: out of something, a tool failed. Trying again may help. */
    HOST
  }

  private final Cause kind;

  public SandboxStartException(Cause kind, String message) {
    super(message);
    this.kind = kind;
  }

  public SandboxStartException(Cause kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Who is at fault. */
  public Cause kind() {
    return kind;
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
