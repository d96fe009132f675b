package dev.sandpool.bench;

import com.sun.management.ThreadMXBean;
import dev.sandpool.server.gateway.Gateway;
import dev.sandpool.server.gateway.GatewayParts;
import dev.sandpool.server.gateway.GatewaySettings;
import dev.sandpool.server.gateway.GatewayVertx;
import dev.sandpool.server.gateway.PoolRoute;
import dev.sandpool.server.gateway.PoolRoutes;
import dev.sandpool.server.gateway.SandboxConnections;
import dev.sandpool.server.gateway.TokenCheck;
import dev.sandpool.server.role.Caller;
import dev.sandpool.server.role.Rights;
import dev.sandpool.server.time.Time;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The server's gateway in this JVM, over sandboxes that are all one backend. */
final class LocalGateway implements AutoCloseable {
  private static final String TOKEN = "bench";
  private static final int ANY_NUMBER = 1_000_000;

  private final SimulatedServer<SandboxConnections> server;
  private final Vertx vertx;
  private final Gateway gateway;
  private final int port;

  /**
   * @param ready sandboxes wanted ready
   */
  LocalGateway(Bench bench, int backend, int ready, int eventLoops) throws IOException {
    this(bench, backend, ready, eventLoops, new OneToken());
  }

  /** The same that asks somebody else about tokens. */
  LocalGateway(Bench bench, int backend, int ready, int eventLoops, TokenCheck tokens)
      throws IOException {
    server =
        new SimulatedServer<>(bench.folder("gateway"), backend, ready, SandboxConnections::new);
    vertx = GatewayVertx.create(eventLoops);
    var routes = new PoolRoutes();
    routes.replace(
        List.of(
            new PoolRoute(
                server.pool(), "bench", "s", "rg", "http://127.0.0.1" + ProxyServer.BASE)));
    var parts = new GatewayParts(server.sessions(), routes, tokens, Time.system(), null);
    GatewaySettings.Limits usual = GatewaySettings.Limits.defaults();
    var limits =
        new GatewaySettings.Limits(
            usual.headerBytes(),
            usual.allocation(),
            usual.connect(),
            usual.idleStream(),
            usual.connections(),
            new GatewaySettings.Callers(
                Duration.ofHours(1), ANY_NUMBER, ANY_NUMBER, ANY_NUMBER, ANY_NUMBER, 0));
    gateway = new Gateway(vertx, new GatewaySettings(null, null, eventLoops, limits), parts);
    port = gateway.start("127.0.0.1", 0);
  }

  int port() {
    return port;
  }

  SimulatedServer<SandboxConnections> server() {
    return server;
  }

  /** A request for that identifier, as a small client sends it. */
  static String request(String identifier) {
    return request(identifier, TOKEN);
  }

  /** The same with a token of its own. */
  static String request(String identifier, String token) {
    return "GET "
        + ProxyServer.BASE
        + "/hello?identifier="
        + identifier
        + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
        + token
        + "\r\n\r\n";
  }

  /** What the threads of all event loops of this JVM have allocated, in bytes. */
  static long allocatedByLoops() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] loops =
        Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
            .filter(thread -> thread != null && thread.getThreadName().contains("eventloop"))
            .mapToLong(thread -> thread.getThreadId())
            .toArray();
    return Arrays.stream(threads.getThreadAllocatedBytes(loops)).sum();
  }

  @Override
  public void close() throws IOException {
    gateway.close();
    try {
      vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      throw new IOException("the event loops did not end", e);
    } finally {
      server.close();
    }
  }

  /** Knows its one token, as a server does that has seen it before. */
  private static final class OneToken implements TokenCheck {
    @Override
    public Verdict known(String token) {
      return token.equals(TOKEN)
          ? new Accepted("bench", Caller.administrator("bench"), Rights.ALL)
          : new Refused("Unauthenticated", "not the one");
    }

    @Override
    public Verdict verify(String token) {
      return known(token);
    }
  }
}
