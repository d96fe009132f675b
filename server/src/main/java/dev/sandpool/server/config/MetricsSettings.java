package dev.sandpool.server.config;

import java.time.Duration;
import java.util.Optional;

/**
 * {@code metrics}: what is measured, and who may read it.
 *
 * @param listen an address on loopback where {@code /metrics} is answered without a token; absent:
 *     with one only, where management is
 * @param history how long the minutes of pools are kept in memory
 */
public record MetricsSettings(Optional<ListenAddress> listen, Duration history) {
  static MetricsSettings read(Section section) {
    Optional<ListenAddress> listen =
        section.optional("listen", "none: `/metrics` needs a token", Form.address());
    listen
        .filter(address -> !address.isLoopback())
        .ifPresent(
            address ->
                section.refuse(
                    "listen",
                    "'"
                        + address
                        + "' is not accepted, because no token is asked for there; accepted: a"
                        + " loopback address such as 127.0.0.1:9464"));
    return new MetricsSettings(listen, section.value("history", "6h", Form.duration("5m", "168h")));
  }
}
