package dev.sandpool.server.config;

import java.time.Duration;

/**
 * {@code gateway}: bounds on callers.
 *
 * @param idleStream how long an opened stream or upgrade may move nothing
 * @param requestHeaderBytes how large the head of a request may be
 */
public record GatewaySettings(Duration idleStream, int requestHeaderBytes) {
  static GatewaySettings read(Section section) {
    return new GatewaySettings(
        section.value("idleStream", "240s", Form.duration("1s", "1d")),
        Math.toIntExact(section.value("requestHeaderBytes", "64Ki", Form.size("4Ki", "1Mi"))));
  }
}
