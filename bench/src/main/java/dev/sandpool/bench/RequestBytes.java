package dev.sandpool.bench;

import dev.sandpool.server.gateway.GatewayVertx;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** What a forwarded request leaves to the garbage collector. */
final class RequestBytes implements Scenario {
  private static final int CALLERS = 8;
  private static final double TARGET = 3 * 1024;

  @Override
  public String name() {
    return "bytes";
  }

  @Override
  public String title() {
    return "Bytes allocated for each forwarded request";
  }

  @Override
  public String method() {
    return """
    The gateway in this JVM with one event loop; %d callers with connections of their own send small GETs for a known \
    identifier to a backend that answers with 14 bytes. Counted is what the virtual machine says that the event loop's \
    thread has allocated, divided by the requests, after as many to warm up. *Ours* is that less what a server of the \
    same library, Vert.x, allocates that answers the same requests itself."""
        .formatted(CALLERS);
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    int requests = bench.pick(2_000, 40_000);
    byte[] request = LocalGateway.request("known-identifier").getBytes(StandardCharsets.US_ASCII);
    double bare = bare(request, requests);
    double forwarded;
    int backend = Proxies.backend(bench).port();
    try (var gateway = new LocalGateway(bench, backend, 2, 1)) {
      gateway.server().awaitReady(2);
      forwarded = measure(gateway.port(), request, requests);
    }
    return List.of(
        Figure.atMost("allocated by us for a forwarded request", forwarded - bare, TARGET, " B"),
        Figure.plain(
            "in all / by Vert.x answering itself",
            "%s / %s B".formatted(Figure.number(forwarded), Figure.number(bare))));
  }

  private static double bare(byte[] request, int requests) throws Exception {
    Vertx vertx = GatewayVertx.create(1);
    try {
      HttpServer server =
          vertx
              .createHttpServer()
              .requestHandler(received -> received.response().end("Hello, world!\n"));
      int port =
          server
              .listen(0, "127.0.0.1")
              .toCompletionStage()
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS)
              .actualPort();
      return measure(port, request, requests);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
  }

  private static double measure(int port, byte[] request, int requests)
      throws InterruptedException, ExecutionException {
    load(port, request, requests);
    long before = LocalGateway.allocatedByLoops();
    load(port, request, requests);
    return (double) (LocalGateway.allocatedByLoops() - before) / requests;
  }

  private static void load(int port, byte[] request, int requests)
      throws InterruptedException, ExecutionException {
    try (var threads = Executors.newFixedThreadPool(CALLERS)) {
      List<Future<?>> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        callers.add(
            threads.submit(
                () -> {
                  calls(port, request, requests / CALLERS);
                  return null;
                }));
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
    }
  }

  private static void calls(int port, byte[] request, int count) throws IOException {
    try (var caller = new LocalCaller(port)) {
      for (int i = 0; i < count; i++) {
        caller.exchange(request);
      }
    }
  }
}
