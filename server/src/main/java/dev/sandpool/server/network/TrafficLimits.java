package dev.sandpool.server.network;

import java.util.OptionalLong;

/**
 * What one sandbox may put on the host's network.
 *
 * @param bytesPerSecond in each direction, its answers to callers included; unlimited where absent
 * @param connections that it may have open to the outside at the same time, at least 1
 */
public record TrafficLimits(OptionalLong bytesPerSecond, int connections) {
  public TrafficLimits {
    if (connections < 1 || bytesPerSecond.orElse(1) < 1) {
      throw new IllegalArgumentException(
          "rate %s and connections %d are at least 1".formatted(bytesPerSecond, connections));
    }
  }

  /** Any rate, 1024 connections. */
  public static TrafficLimits defaults() {
    return new TrafficLimits(OptionalLong.empty(), 1024);
  }
}
