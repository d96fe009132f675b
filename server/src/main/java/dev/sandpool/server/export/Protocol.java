package dev.sandpool.server.export;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;

/** What a receiver's answers mean. */
interface Protocol {
  /** The media type of what is sent. */
  String mediaType();

  /** What an answer says. */
  Answer read(int status, HttpHeaders headers, byte[] body);

  /**
   * Whether a status tells that the request was not looked at: whoever it was meant for is
   * elsewhere, or the credentials have run out. That is mended at either end, and nothing that is
   * sent is at fault.
   */
  static boolean isMisdirected(int status) {
    return status < 200 || status / 100 == 3 || status == 401 || status == 403 || status == 404;
  }

  /** The pause that a receiver asks for in seconds; another form of it is not used by these. */
  static Optional<Duration> retryAfter(HttpHeaders headers) {
    return headers
        .firstValue("retry-after")
        .filter(it -> it.matches("[0-9]{1,6}"))
        .map(it -> Duration.ofSeconds(Long.parseLong(it)));
  }
}
