package dev.sandpool.server.config;

import java.time.Duration;

/**
 * {@code gateway}: bounds on callers.
 *
 * @param idleStream how long an opened stream or upgrade may move nothing
 * @param requestHeaderBytes how large the head of a request may be
 * @param idleConnection how long a connection may be without a whole request head
 * @param connections how many connections of callers there may be
 * @param connectionsPerAddress how many of them from one address
 * @param connectionsPerPool how many of them to one pool that says nothing
 * @param slowestUpload bytes a second that a body whose length was said comes with at least; 0: any
 * @param unreadAnswers how many bytes of answers may wait in memory for callers to take them
 */
public record GatewaySettings(
    Duration idleStream,
    int requestHeaderBytes,
    Duration idleConnection,
    int connections,
    int connectionsPerAddress,
    int connectionsPerPool,
    int slowestUpload,
    long unreadAnswers) {
  static GatewaySettings read(Section section) {
    return new GatewaySettings(
        section.value("idleStream", "240s", Form.duration("1s", "1d")),
        Math.toIntExact(section.value("requestHeaderBytes", "64Ki", Form.size("4Ki", "1Mi"))),
        section.value("idleConnection", "75s", Form.duration("1s", "1h")),
        section.value("connections", "50000", Form.integer(1, 1_000_000)),
        section.value("connectionsPerAddress", "20000", Form.integer(1, 1_000_000)),
        section.value("connectionsPerPool", "20000", Form.integer(1, 1_000_000)),
        section.value("slowestUpload", "100", Form.integer(0, 1_000_000)),
        section.value("unreadAnswers", "256Mi", Form.size("16Mi", "64Gi")));
  }
}
