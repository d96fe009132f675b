package dev.sandpool.server.config;

import java.time.Duration;

/**
 * {@code allocation}: new identifiers that meet no ready sandbox.
 *
 * @param deadline how long a request waits for one
 * @param queue how many requests may wait in one pool
 * @param perMinute how many new sessions one principal may have of one pool in a minute
 * @param crashPause the longest pause of an identifier whose sandboxes keep ending by themselves
 */
public record AllocationSettings(Duration deadline, int queue, int perMinute, Duration crashPause) {
  static AllocationSettings read(Section section) {
    return new AllocationSettings(
        section.value("deadline", "30s", Form.duration("100ms", "10m")),
        section.value("queue", "1000", Form.integer(0, 100_000)),
        section.value("perMinute", "600", Form.integer(1, 1_000_000)),
        section.value("crashPause", "1m", Form.duration("0s", "1h")));
  }
}
