package dev.sandpool.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code export}: who else gets logs, metrics and traces.
 *
 * @param otlp absent: nobody in OpenTelemetry's protocol
 * @param loki absent: no Loki
 */
public record ExportSettings(Optional<Otlp> otlp, Optional<Loki> loki) {

  /**
   * A receiver.
   *
   * @param url what paths are appended to
   * @param headersFile headers of each request, for what is secret
   * @param authorities certificates of the authorities that are trusted; absent: those of the JDK
   */
  public record Receiver(URI url, Optional<Path> headersFile, Optional<Path> authorities) {
    private static Optional<Receiver> read(Section section, String key) {
      Optional<URI> url = section.optional(key, "none", Form.origin());
      Optional<Path> headers = section.optional("headersFile", "none", Form.absolutePath());
      Optional<Path> authorities =
          section.optional("caFile", "the JDK's authorities", Form.absolutePath());
      url.filter(it -> headers.isPresent() && isOpen(it))
          .ifPresent(
              _ ->
                  section.refuse(
                      "headersFile",
                      "secrets would be sent without TLS; accepted: with a "
                          + key
                          + " of https://, or of http:// and 127.0.0.1 or localhost"));
      return url.map(it -> new Receiver(it, headers, authorities));
    }

    private static boolean isOpen(URI url) {
      return "http".equals(url.getScheme())
          && !List.of("127.0.0.1", "localhost").contains(url.getHost());
    }
  }

  /**
   * {@code export.otlp}.
   *
   * @param interval between two readings of all metrics
   * @param traceShare of requests without a trace of which one is begun
   */
  public record Otlp(
      Receiver receiver,
      boolean logs,
      boolean metrics,
      Duration interval,
      boolean traces,
      double traceShare) {
    private static Optional<Otlp> read(Section section) {
      Optional<Receiver> receiver = Receiver.read(section, "endpoint");
      boolean logs = section.value("logs", "true", Form.yesOrNo());
      boolean metrics = section.value("metrics", "true", Form.yesOrNo());
      Duration interval = section.value("interval", "30s", Form.duration("1s", "1h"));
      boolean traces = section.value("traces", "false", Form.yesOrNo());
      double share = section.value("traceShare", "0", Form.decimal(0, 1));
      return receiver.map(it -> new Otlp(it, logs, metrics, interval, traces, share));
    }
  }

  /**
   * {@code export.loki}.
   *
   * @param tenant absent: Loki has but one
   */
  public record Loki(Receiver receiver, Optional<String> tenant) {
    private static Optional<Loki> read(Section section) {
      Optional<Receiver> receiver = Receiver.read(section, "url");
      Optional<String> tenant = section.optional("tenant", "none", Form.word("a tenant"));
      return receiver.map(it -> new Loki(it, tenant));
    }
  }

  static ExportSettings read(Section section) {
    return new ExportSettings(
        Otlp.read(section.section("otlp")), Loki.read(section.section("loki")));
  }
}
