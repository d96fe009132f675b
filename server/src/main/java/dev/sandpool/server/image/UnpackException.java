package dev.sandpool.server.image;

import java.util.Objects;

/** An image that could not be unpacked; the message is the unpacking tool's. */
public final class UnpackException extends Exception {
  private static final long serialVersionUID = 1L;

  private final long boundBytes;
  private final boolean boundByDisk;

  /**
   * @param boundBytes that it could take
   * @param boundByDisk whether that was all that the disk had, and not the bound of an image
   */
  public UnpackException(long boundBytes, boolean boundByDisk, String message) {
    super(message);
    this.boundBytes = boundBytes;
    this.boundByDisk = boundByDisk;
  }

  /** How many bytes it could take. */
  public long boundBytes() {
    return boundBytes;
  }

  /** Whether that was all that the disk had, and not the bound of an image. */
  public boolean boundByDisk() {
    return boundByDisk;
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
