package dev.sandpool.server;

import dev.sandpool.server.config.LimitSettings;
import dev.sandpool.server.config.ServerConfig;
import dev.sandpool.server.config.ServerConfig.AtExit;
import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.engine.oci.OciEngine;
import dev.sandpool.server.gateway.Gateway;
import dev.sandpool.server.gateway.GatewayParts;
import dev.sandpool.server.gateway.GatewaySettings;
import dev.sandpool.server.gateway.GatewayVertx;
import dev.sandpool.server.gateway.PoolRoutes;
import dev.sandpool.server.gateway.SandboxConnections;
import dev.sandpool.server.identity.AuthorityEndpoints;
import dev.sandpool.server.identity.Identity;
import dev.sandpool.server.identity.TokenRules;
import dev.sandpool.server.image.ImageStore;
import dev.sandpool.server.image.ImageStoreSettings;
import dev.sandpool.server.image.SkopeoImageStore;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.ledger.sqlite.SqliteLedger;
import dev.sandpool.server.management.Management;
import dev.sandpool.server.management.ManagementParts;
import dev.sandpool.server.management.ManagementSettings;
import dev.sandpool.server.management.Mount;
import dev.sandpool.server.management.PoolLimits;
import dev.sandpool.server.management.PublicAddress;
import dev.sandpool.server.pool.Backoff;
import dev.sandpool.server.pool.KeeperParts;
import dev.sandpool.server.pool.KeeperSettings;
import dev.sandpool.server.pool.PoolKeeper;
import dev.sandpool.server.pool.ReadinessProbe;
import dev.sandpool.server.session.SessionReaper;
import dev.sandpool.server.session.SessionView;
import dev.sandpool.server.session.Sessions;
import dev.sandpool.server.time.Time;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole server, put together by hand: what stands further down needs what stands above it, and
 * is closed before it.
 */
public final class Server implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Server.class);
  private static final String VERSION = "0.1.0";
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration CHANGE_DEADLINE = Duration.ofMinutes(10);
  private static final Duration SLOT_REST = Duration.ofSeconds(60);
  private static final Duration STOP_ALL = Duration.ofSeconds(60);

  private final ServerConfig config;
  private final Deque<Part> parts = new ArrayDeque<>();
  private final Endpoints endpoints;

  /** Something to be closed, and what to call it if that fails. */
  private record Part(String name, AutoCloseable closer) {}

  private Server(ServerConfig config) {
    this.config = config;
    this.endpoints = new Endpoints(config.server());
  }

  /**
   * Starts a server and returns when it serves.
   *
   * @throws IOException also if another server has the data directory
   * @throws EngineUnavailableException saying what this host lacks
   */
  public static Server start(ServerConfig config) throws IOException, EngineUnavailableException {
    var server = new Server(config);
    boolean started = false;
    try {
      server.assemble();
      started = true;
      return server;
    } finally {
      if (!started) {
        server.close();
      }
    }
  }

  private void assemble() throws IOException, EngineUnavailableException {
    Time time = Time.system();
    DataDirectory directory =
        closing("data directory", DataDirectory.open(config.run().dataDirectory()));
    Ledger ledger = closing("ledger", SqliteLedger.open(directory.ledger(), directory.key()));
    ImageStore images = imageStore(directory);
    OciEngine engine =
        closing("engine", OciEngine.open(EngineConfigs.of(config, directory), images));
    closing("engine's traces on the host", () -> leaveHost(engine));
    log.info("isolation {}: {}", engine.info().isolation(), engine.info().runtime());

    var link = new SessionLink();
    var keeperParts =
        new KeeperParts(
            ledger, engine, images, ReadinessProbe.tcp(PROBE_TIMEOUT), time, new SecureRandom());
    PoolKeeper keeper =
        closing("keeper", new PoolKeeper(keeperParts, keeperSettings(engine), link));
    Vertx vertx = closingVertx(GatewayVertx.create(Runtime.getRuntime().availableProcessors()));
    // Before the event loops end: on them the connections of those sandboxes are closed.
    closing("sandboxes", () -> stopSandboxes(keeper));
    Sessions<SandboxConnections> sessions =
        new Sessions<>(
            ledger,
            keeper,
            SandboxConnections::new,
            time,
            Math.max(1, config.allocation().queue()));
    link.bind(sessions);
    List<SandboxRecord> adopted = keeper.recover();
    sessions.adopt(adopted);
    log.info("{} sandboxes adopted", adopted.size());

    Identity identity = identity(directory, time);
    var routes = new PoolRoutes();
    var pools = new RoutedPools(keeper, ledger, routes, endpoints);
    var managementParts =
        new ManagementParts(
            ledger,
            pools,
            images,
            engine::info,
            engine::console,
            (pool, identifier) ->
                sessions.view(new SessionKey(pool, identifier)).map(SessionView::sandbox),
            new ManagementTokens(identity),
            directory.key(),
            time);
    var management =
        new Management(
            managementParts, managementSettings(directory), List.of(authority(identity)));

    SessionReaper reaper = closing("reaper", new SessionReaper(sessions));
    int managementPort = config.server().oneListener() ? 0 : listen(vertx, management);
    var gatewayParts =
        new GatewayParts(
            sessions,
            routes,
            new DataPlaneTokens(identity.verifier(), time::now),
            time,
            config.server().oneListener() ? management : null);
    var gateway = new Gateway(vertx, gatewaySettings(managementPort), gatewayParts);
    closing("gateway", () -> drain(gateway));
    keeper.start();
    reaper.start();
    serve(gateway, managementPort, pools);
    announce(directory, identity);
  }

  // --- parts -----------------------------------------------------------------------------------

  private ImageStore imageStore(DataDirectory directory) throws IOException {
    var defaults = ImageStoreSettings.defaults(directory.images());
    var store =
        new SkopeoImageStore(
            new ImageStoreSettings(
                directory.images(),
                new HashSet<>(config.images().plainHttpRegistries()),
                defaults.minFreeBytes(),
                defaults.architecture(),
                defaults.tools()));
    store.sweep();
    return store;
  }

  private KeeperSettings keeperSettings(OciEngine engine) {
    return new KeeperSettings(
        config.engine().startWidth(),
        config.engine().stopGrace(),
        config.engine().readyDeadline(),
        CHANGE_DEADLINE,
        SLOT_REST,
        engine.slots(),
        config.limits().hostMemoryBytes(),
        Backoff.DEFAULT);
  }

  private Identity identity(DataDirectory directory, Time time) throws IOException {
    var places =
        new Identity.Places(directory.signingKey(), directory.principals(), directory.admin());
    return Identity.open(
        places,
        directory.key(),
        TokenRules.of(config.identity(), config.run().dev()),
        endpoints::management,
        time::now);
  }

  private Mount authority(Identity identity) {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    closing("authority", threads::shutdownNow);
    return new Mount(
        request -> request.path() != null && AuthorityEndpoints.handles(request.path()),
        new AuthorityEndpoints(identity.authority(), threads));
  }

  private ManagementSettings managementSettings(DataDirectory directory) {
    LimitSettings limits = config.limits();
    return new ManagementSettings(
        VERSION,
        directory.instance(),
        new PublicAddress(
            endpoints::management, endpoints::dataPlane, config.server().domain().orElse(null)),
        new PoolLimits(
            Math.toIntExact(limits.cooldownSeconds().minimum()),
            Math.toIntExact(limits.cooldownSeconds().maximum()),
            limits.readySessionsMinimum(),
            limits.maxSessionsMaximum(),
            limits.cpuMinimum(),
            limits.cpuMaximum(),
            limits.memoryBytes().minimum(),
            limits.memoryBytes().maximum()));
  }

  private GatewaySettings gatewaySettings(int managementPort) {
    GatewaySettings defaults = GatewaySettings.defaults();
    var limits =
        new GatewaySettings.Limits(
            config.gateway().requestHeaderBytes(),
            config.allocation().deadline(),
            defaults.limits().connect(),
            config.gateway().idleStream(),
            defaults.limits().connections());
    return new GatewaySettings(
        config.server().domain().orElse(null),
        authorityUrl(managementPort),
        defaults.eventLoops(),
        limits);
  }

  /** Null where the port is not known before it is open. */
  private @Nullable String authorityUrl(int managementPort) {
    Optional<URI> configured = config.server().publicUrl();
    if (config.server().oneListener()) {
      int port = config.server().listen().port();
      return configured
          .map(URI::toString)
          .orElse(port == 0 ? null : "http://" + config.server().listen());
    }
    return "http://" + config.server().managementListen().withPort(managementPort);
  }

  // --- ports -----------------------------------------------------------------------------------

  private int listen(Vertx vertx, Management management) throws IOException {
    var address = config.server().managementListen();
    HttpServer server = vertx.createHttpServer(new HttpServerOptions()).requestHandler(management);
    try {
      server.listen(address.port(), address.host()).await();
    } catch (RuntimeException e) {
      throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
    }
    return server.actualPort();
  }

  private void serve(Gateway gateway, int managementPort, RoutedPools pools) throws IOException {
    var address = config.server().listen();
    int port = gateway.start(address.host(), address.port());
    endpoints.bound(port, config.server().oneListener() ? port : managementPort);
    pools.refresh();
  }

  private void announce(DataDirectory directory, Identity identity) throws IOException {
    directory.announce(endpoint().toString());
    identity.announce(
        endpoint().toString(),
        config.server().oneListener()
            ? Optional.empty()
            : Optional.of(endpoints.management().toString()));
  }

  /** Where callers reach the data plane. */
  public URI endpoint() {
    return endpoints.dataPlane();
  }

  // --- closing ---------------------------------------------------------------------------------

  private <T extends AutoCloseable> T closing(String name, T part) {
    parts.push(new Part(name, part));
    return part;
  }

  private Vertx closingVertx(Vertx vertx) {
    closing("event loops", () -> vertx.close().await());
    return vertx;
  }

  private void drain(Gateway gateway) {
    gateway.drain(config.server().drain());
    gateway.close();
  }

  private void stopSandboxes(PoolKeeper keeper) {
    if (config.run().sandboxes() == AtExit.STOP) {
      keeper.stopAll(STOP_ALL);
    }
  }

  private void leaveHost(OciEngine engine) throws IOException {
    if (config.run().sandboxes() == AtExit.STOP) {
      engine.removeFromHost();
    }
  }

  /** Closes everything in reverse, whatever fails on the way. */
  @Override
  public void close() {
    Instant begin = Instant.now();
    while (!parts.isEmpty()) {
      Part part = parts.pop();
      try {
        part.closer().close();
      } catch (Exception e) {
        log.warn("the {} could not be closed", part.name(), e);
      }
    }
    log.info("closed in {} ms", Duration.between(begin, Instant.now()).toMillis());
  }
}
