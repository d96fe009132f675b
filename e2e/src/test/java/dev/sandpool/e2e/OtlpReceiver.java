package dev.sandpool.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;

/** Takes logs and traces in OpenTelemetry's protocol and keeps them. */
final class OtlpReceiver implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();
  private final List<Span> spans = new CopyOnWriteArrayList<>();

  OtlpReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/v1/logs", exchange -> take(exchange, this::logs));
    server.createContext("/v1/traces", exchange -> take(exchange, this::traces));
    server.start();
  }

  private interface Decoder {
    void decode(InputStream body) throws IOException;
  }

  private static void take(HttpExchange exchange, Decoder decoder) {
    try (exchange) {
      decoder.decode(new GZIPInputStream(exchange.getRequestBody()));
      exchange.sendResponseHeaders(200, -1);
    } catch (IOException e) {
      // Whoever sent this was killed in the middle of it.
      throw new UncheckedIOException(e);
    }
  }

  private void logs(InputStream body) throws IOException {
    ExportLogsServiceRequest.parseFrom(body).getResourceLogsList().stream()
        .flatMap(resource -> resource.getScopeLogsList().stream())
        .forEach(scope -> records.addAll(scope.getLogRecordsList()));
  }

  private void traces(InputStream body) throws IOException {
    ExportTraceServiceRequest.parseFrom(body).getResourceSpansList().stream()
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .forEach(scope -> spans.addAll(scope.getSpansList()));
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  List<LogRecord> records() {
    return List.copyOf(records);
  }

  List<Span> spans() {
    return List.copyOf(spans);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
