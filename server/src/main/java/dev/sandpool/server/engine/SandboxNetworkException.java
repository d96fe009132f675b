package dev.sandpool.server.engine;

import org.jspecify.annotations.Nullable;

/** A sandbox whose network could not be changed; a repeated call tries again. */
public final class SandboxNetworkException extends Exception {
  private static final long serialVersionUID = 1L;

  public SandboxNetworkException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
