package dev.sandpool.server.management;

import dev.sandpool.server.metrics.Metrics;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /metrics} and nothing else, for whoever reaches the address where it is mounted: that
 * of {@code metrics.listen}, on loopback, for a Prometheus on this machine that has no token.
 */
public final class MetricsPage implements Handler<HttpServerRequest> {
  private static final Logger log = LoggerFactory.getLogger(MetricsPage.class);

  private final Metrics metrics;

  /** Shows these. */
  public MetricsPage(Metrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (!"/metrics".equals(request.path()) || !request.method().equals(HttpMethod.GET)) {
      request.response().setStatusCode(404).end();
      return;
    }
    Context context = Objects.requireNonNull(Vertx.currentContext(), "not on an event loop");
    String accept = request.getHeader("Accept");
    Thread.ofVirtual().name("metrics").start(() -> answer(request, context, accept));
  }

  private void answer(HttpServerRequest request, Context context, @Nullable String accept) {
    ExpositionFormatWriter writer = metrics.writer(accept);
    var text = new ByteArrayOutputStream();
    try {
      metrics.write(text, writer);
    } catch (IOException | RuntimeException e) {
      log.error("metrics could not be shown", e);
      context.runOnContext(now -> request.response().setStatusCode(500).end());
      return;
    }
    Buffer body = Buffer.buffer(text.toByteArray());
    context.runOnContext(
        now -> {
          if (!request.response().closed()) {
            request.response().putHeader("content-type", writer.getContentType()).end(body);
          }
        });
  }
}
