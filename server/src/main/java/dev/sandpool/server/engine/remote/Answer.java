package dev.sandpool.server.engine.remote;

import dev.sandpool.server.engine.SandboxNetworkException;
import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.engine.SandboxStopException;
import dev.sandpool.server.image.UnpackException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a {@link Call} comes to.
 *
 * @param value of a call that succeeded
 * @param failure of one that did not
 */
record Answer(@Nullable JsonNode value, @Nullable Failure failure) {
  /** The kinds of failure that callers tell apart. */
  enum Kind {
    /** A start, by fault of the image. */
    IMAGE,
    /** A start, by fault of the host. */
    HOST,
    /** A stop. */
    STOP,
    /** A change of network. */
    NETWORK,
    /** Unpacking of an image. */
    UNPACK,
    /** Anything else; also a call that is none. */
    OTHER
  }

  /**
   * Why a call failed.
   *
   * @param boundBytes for UNPACK, how much the image could take
   * @param boundByDisk for UNPACK, whether that was all that the disk had
   */
  record Failure(Kind kind, String message, long boundBytes, boolean boundByDisk) {
    static Failure of(Exception e) {
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      return switch (e) {
        case SandboxStartException start ->
            new Failure(Kind.valueOf(start.kind().name()), message, 0, false);
        case SandboxStopException stop -> new Failure(Kind.STOP, message, 0, false);
        case SandboxNetworkException network -> new Failure(Kind.NETWORK, message, 0, false);
        case UnpackException unpack ->
            new Failure(Kind.UNPACK, message, unpack.boundBytes(), unpack.boundByDisk());
        default -> new Failure(Kind.OTHER, message, 0, false);
      };
    }
  }
}
