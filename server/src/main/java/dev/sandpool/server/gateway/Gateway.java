package dev.sandpool.server.gateway;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data plane: one HTTP server on each event loop, all on one address. Its methods block and are
 * called from anywhere but event loops.
 */
public final class Gateway implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Gateway.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final GatewaySettings settings;
  private final GatewayParts parts;
  private final CallerBounds callers;
  private final Trail trail;
  private final @Nullable TlsIdentity tls;
  private final List<GatewayLoop> loops = new ArrayList<>();

  /**
   * @param vertx whose event loops are used; not closed with the gateway
   */
  public Gateway(Vertx vertx, GatewaySettings settings, GatewayParts parts) {
    this(vertx, settings, parts, null);
  }

  /**
   * @param tls null: without TLS
   */
  public Gateway(
      Vertx vertx, GatewaySettings settings, GatewayParts parts, @Nullable TlsIdentity tls) {
    this.vertx = vertx;
    this.settings = settings;
    this.parts = parts;
    this.trail = new Trail(parts.audit(), settings.trustedProxies(), parts.time());
    this.callers =
        new CallerBounds(settings.limits().callers(), settings.eventLoops(), parts.time());
    this.tls = tls;
  }

  /**
   * Opens the port.
   *
   * @param port 0 for any free one
   * @return the port that was bound
   * @throws IOException if it could not be bound; then nothing stays open
   */
  public int start(String host, int port) throws IOException {
    boolean guarded =
        GatewayTransport.guard(vertx, callers, settings.trustedProxies(), parts.time());
    if (settings.trustedProxies().proxyProtocol() && !guarded) {
      // Whoever speaks for callers would be taken for their only caller.
      throw new IOException("the PROXY protocol needs epoll, which this machine does not have");
    }
    int shared = port == 0 ? sharedFreePort() : port;
    try {
      for (int i = 0; i < settings.eventLoops(); i++) {
        var loop = new GatewayLoop(settings, parts, callers, trail, tls, host, shared);
        await(vertx.deployVerticle(loop), PATIENCE);
        loops.add(loop);
      }
    } catch (IOException e) {
      close();
      throw new IOException("cannot listen on " + host + ":" + port + ": " + e.getMessage(), e);
    }
    int bound = loops.getFirst().port();
    String transport = vertx.isNativeTransportEnabled() ? "epoll" : "nio";
    log.info(
        "gateway listens on {}:{}, {} event loops on {}, TLS: {}",
        host,
        bound,
        loops.size(),
        transport,
        tls == null ? "none" : TlsEngine.title());
    return bound;
  }

  /**
   * Vert.x lets the servers of one negative number share one free port; numbers are per gateway.
   */
  private static int sharedFreePort() {
    return -1 - ThreadLocalRandom.current().nextInt(65_000);
  }

  /** From now on new connections get this certificate; those that are open go on. */
  public void renew(TlsIdentity identity) {
    for (GatewayLoop loop : List.copyOf(loops)) {
      try {
        await(loop.renew(identity), PATIENCE);
      } catch (IOException e) {
        throw new IllegalStateException("the certificate was not taken: " + e.getMessage(), e);
      }
    }
  }

  /**
   * Takes no more connections, lets what is under way end, and cuts what has not after that time.
   */
  public void drain(Duration atMost) {
    List<Future<Void>> ends = loops.stream().map(loop -> loop.drain(atMost)).toList();
    try {
      await(Future.join(ends), atMost.plus(PATIENCE));
    } catch (IOException e) {
      log.warn("the gateway was not drained: {}", e.getMessage());
    }
  }

  /** Bytes of answers that wait in memory for their callers to take them. */
  long unreadAnswers() {
    return callers.unread();
  }

  /** Cuts everything. */
  @Override
  public void close() {
    for (GatewayLoop loop : loops) {
      try {
        await(vertx.undeploy(loop.id()), PATIENCE);
      } catch (IOException e) {
        log.warn("an event loop of the gateway was not closed: {}", e.getMessage());
      }
    }
    loops.clear();
  }

  private static void await(Future<?> future, Duration atMost) throws IOException {
    try {
      future
          .toCompletionStage()
          .toCompletableFuture()
          .get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("not done after " + atMost, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
