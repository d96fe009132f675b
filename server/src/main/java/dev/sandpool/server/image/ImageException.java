package dev.sandpool.server.image;

import java.util.Objects;

/** An image that could not be brought here; the message names image, cause and what to do. */
public final class ImageException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Cause {
    /** No such image, or no such tag. */
    NOT_FOUND(true),
    /** The registry refused the credentials, or wants some. */
    UNAUTHORIZED(true),
    /** What is there is not an image, or its data is broken. */
    NOT_AN_IMAGE(true),
    /** The image is for another processor. */
    WRONG_ARCHITECTURE(true),
    /** The registry did not answer, or not as one. */
    REGISTRY_UNREACHABLE(false),
    /** The registry wants fewer questions for a while. */
    RATE_LIMITED(false),
    /** No room left on this host. */
    DISK_FULL(false),
    /** Unpacked it is larger than this server allows. */
    TOO_LARGE(true),
    /** The image is used by a pool. */
    IN_USE(true),
    /** A tool failed in a way that is not known. */
    OTHER(false);

    private final boolean permanent;

    Cause(boolean permanent) {
      this.permanent = permanent;
    }

    /** Whether the same call will fail again until somebody changes something. */
    public boolean permanent() {
      return permanent;
    }
  }

  private final Cause kind;

  public ImageException(Cause kind, String message) {
    super(message);
    this.kind = kind;
  }

  public ImageException(Cause kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What went wrong. */
  public Cause kind() {
    return kind;
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
