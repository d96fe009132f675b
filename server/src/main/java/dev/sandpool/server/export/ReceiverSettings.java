package dev.sandpool.server.export;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where things are handed on to.
 *
 * @param base what paths are appended to
 * @param headers that each request has
 * @param headersFile more of them, one a line, read before each request: the place for secrets
 * @param authorities certificates of the authorities that are trusted; absent: those of the JDK
 */
public record ReceiverSettings(
    URI base, Map<String, String> headers, Optional<Path> headersFile, Optional<Path> authorities) {
  public ReceiverSettings {
    headers = Map.copyOf(headers);
  }

  URI at(String path) {
    return URI.create(base + path);
  }
}
