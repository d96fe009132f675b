package dev.sandpool.server.management;

import dev.sandpool.server.metrics.Metrics;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Map;

/** {@code GET /metrics}: all meters as they stand, as text that Prometheus reads. */
final class MetricsResource {
  /** Each piece is handed to the event loop and waited for. */
  private static final int PIECE_BYTES = 256 * 1024;

  private final Metrics metrics;

  MetricsResource(Metrics metrics) {
    this.metrics = metrics;
  }

  Answer get(Call call) {
    ExpositionFormatWriter writer = metrics.writer(call.accept());
    return new Answer.Stream(
        200, Map.of(), writer.getContentType(), sink -> write(writer, new Pieces(sink)));
  }

  private void write(ExpositionFormatWriter writer, OutputStream pieces) throws IOException {
    try (OutputStream gathered = new BufferedOutputStream(pieces, PIECE_BYTES)) {
      metrics.write(gathered, writer);
    }
  }

  /** A sink as a stream. */
  private static final class Pieces extends OutputStream {
    private final Answer.Sink sink;

    Pieces(Answer.Sink sink) {
      this.sink = sink;
    }

    @Override
    public void write(int one) throws IOException {
      sink.write(new byte[] {(byte) one});
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      sink.write(Arrays.copyOfRange(bytes, from, from + length));
    }
  }
}
