package dev.sandpool.server.management;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;

/**
 * {@code GET /sandpool/metrics}: what the server has counted since its start, as OpenMetrics text
 * (OpenMetrics 1.0).
 */
final class MetricsResource {
  private static final String CONTENT_TYPE =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";
  private static final String LIFECYCLE = "sandpool_lifecycle_events";

  private final Supplier<Map<String, Long>> lifecycle;

  /**
   * @param lifecycle kinds of events, which are plain words, and how many there were of each
   */
  MetricsResource(Supplier<Map<String, Long>> lifecycle) {
    this.lifecycle = lifecycle;
  }

  Answer get(Call call) {
    var text = new StringBuilder();
    text.append("# TYPE ").append(LIFECYCLE).append(" counter\n");
    text.append("# HELP ").append(LIFECYCLE);
    text.append(
        " What befell sandboxes, ledger and host without the server having asked for it.\n");
    lifecycle
        .get()
        .forEach(
            (kind, count) ->
                text.append("%s_total{kind=\"%s\"} %d\n".formatted(LIFECYCLE, kind, count)));
    text.append("# EOF\n");
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    return new Answer.Stream(200, Map.of(), CONTENT_TYPE, sink -> sink.write(bytes));
  }
}
