package dev.sandpool.server.metrics;

import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What others know already, asked for at each reading; must not block.
 *
 * @param slotsTaken network slots in use or resting
 * @param slots network slots that there are
 * @param memoryReserved bytes that sandboxes have reserved
 * @param memory bytes that they may reserve together
 * @param lifecycle kinds of lifecycle events, from a closed list, and how many there were
 * @param logs kinds of what was stored of logs or was not, from a closed list, and how much
 * @param accessLogDropped lines that the access log had no room for
 */
public record HostGauges(
    LongSupplier slotsTaken,
    LongSupplier slots,
    LongSupplier memoryReserved,
    LongSupplier memory,
    Supplier<Map<String, Long>> lifecycle,
    Supplier<Map<String, Long>> logs,
    LongSupplier accessLogDropped) {
  /** Nothing is known. */
  public static final HostGauges NONE =
      new HostGauges(() -> 0, () -> 0, () -> 0, () -> 0, Map::of, Map::of, () -> 0);
}
