package dev.sandpool.server.config;

import java.time.Duration;

/**
 * {@code allocation}: new identifiers that meet no ready sandbox.
 *
 * @param deadline how long a request waits for one
 * @param queue how many requests may wait in one pool
 */
public record AllocationSettings(Duration deadline, int queue) {
  static AllocationSettings read(Section section) {
    return new AllocationSettings(
        section.value("deadline", "30s", Form.duration("100ms", "10m")),
        section.value("queue", "1000", Form.integer(0, 100_000)));
  }
}
