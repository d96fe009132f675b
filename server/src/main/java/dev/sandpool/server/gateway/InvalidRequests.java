package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import org.jspecify.annotations.Nullable;

/** What to say of a request that could not be read. */
final class InvalidRequests {
  private InvalidRequests() {}

  static ArmException problem(@Nullable Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException tooLong ->
          new ArmException(414, "RequestTargetTooLong", "The request line is too long.");
      case TooLongHttpHeaderException tooLong ->
          new ArmException(431, "RequestHeadersTooLong", "The request headers are too long.");
      case null, default -> new ArmException(400, "BadRequest", "The request is malformed.");
    };
  }
}
