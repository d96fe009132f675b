package dev.sandpool.server.export;

import io.opentelemetry.proto.resource.v1.Resource;
import java.time.Duration;
import java.util.Optional;

/**
 * What is handed on, and to whom.
 *
 * @param node who hands on
 * @param otlp absent: nothing in OTLP
 * @param loki absent: nothing to Loki
 */
public record ExportSettings(
    Node node, Optional<OtlpSettings> otlp, Optional<ReceiverSettings> loki) {
  /**
   * Who hands on.
   *
   * @param name of the host, as receivers show it
   * @param instance of this server
   */
  public record Node(String name, String instance) {}

  /** The server, as OTLP names what measures. */
  Resource self() {
    return Resource.newBuilder()
        .addAllAttributes(
            Attributes.of(
                "service.name",
                "sandpool",
                "service.instance.id",
                node.instance,
                "host.name",
                node.name))
        .build();
  }

  /**
   * What goes out in OTLP.
   *
   * @param interval between two readings of all metrics
   */
  public record OtlpSettings(
      ReceiverSettings receiver,
      boolean logs,
      boolean metrics,
      boolean traces,
      Duration interval) {}
}
