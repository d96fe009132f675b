package dev.sandpool.server;

import dev.sandpool.server.audit.AuditLog;
import dev.sandpool.server.audit.AuditReader;
import dev.sandpool.server.config.ExportSettings;
import dev.sandpool.server.config.ListenAddress;
import dev.sandpool.server.config.ServerConfig;
import dev.sandpool.server.config.ServerConfig.AtExit;
import dev.sandpool.server.engine.SandboxEngine;
import dev.sandpool.server.engine.remote.RemoteEngine;
import dev.sandpool.server.export.Export;
import dev.sandpool.server.export.ExportSettings.Node;
import dev.sandpool.server.gateway.AccessLog;
import dev.sandpool.server.gateway.Gateway;
import dev.sandpool.server.gateway.GatewayParts;
import dev.sandpool.server.gateway.GatewayVertx;
import dev.sandpool.server.gateway.PoolRoutes;
import dev.sandpool.server.gateway.RequestNotes;
import dev.sandpool.server.gateway.RequestSpans;
import dev.sandpool.server.gateway.SandboxConnections;
import dev.sandpool.server.gateway.SessionTokens;
import dev.sandpool.server.gateway.TlsIdentity;
import dev.sandpool.server.gateway.TrafficMeters;
import dev.sandpool.server.identity.FailedTokens;
import dev.sandpool.server.identity.Identity;
import dev.sandpool.server.identity.TokenDesk;
import dev.sandpool.server.identity.TokenTrail;
import dev.sandpool.server.image.ImageRoots;
import dev.sandpool.server.image.ImageStore;
import dev.sandpool.server.image.ImageStoreSettings;
import dev.sandpool.server.image.ImageUploads;
import dev.sandpool.server.image.SkopeoImageStore;
import dev.sandpool.server.ledger.ClaimMark;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.ledger.UsageLedger;
import dev.sandpool.server.ledger.sqlite.SqliteLedger;
import dev.sandpool.server.lifecycle.LifecycleCounters;
import dev.sandpool.server.lifecycle.LifecycleLog;
import dev.sandpool.server.lifecycle.LifecycleSink;
import dev.sandpool.server.logs.LogCounters;
import dev.sandpool.server.logs.LogTap;
import dev.sandpool.server.logs.Logs;
import dev.sandpool.server.logs.query.LogQueries;
import dev.sandpool.server.management.LogAccess;
import dev.sandpool.server.management.Management;
import dev.sandpool.server.management.ManagementParts;
import dev.sandpool.server.management.PoolSettings;
import dev.sandpool.server.management.RoleAssignments;
import dev.sandpool.server.management.Tenancy;
import dev.sandpool.server.metrics.HostGauges;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.metrics.PoolSampler;
import dev.sandpool.server.pool.KeeperParts;
import dev.sandpool.server.pool.PoolKeeper;
import dev.sandpool.server.pool.SocketProbe;
import dev.sandpool.server.role.Roles;
import dev.sandpool.server.session.AllocationSettings;
import dev.sandpool.server.session.Rehearsal;
import dev.sandpool.server.session.SessionReaper;
import dev.sandpool.server.session.SessionView;
import dev.sandpool.server.session.Sessions;
import dev.sandpool.server.time.Time;
import dev.sandpool.server.time.Uptime;
import dev.sandpool.server.trace.SpanQueue;
import dev.sandpool.server.usage.MeteredEngine;
import dev.sandpool.server.usage.UsageMeter;
import dev.sandpool.server.usage.UsageReports;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole server, put together by hand: what stands further down needs what stands above it, and
 * is closed before it.
 */
public final class Server implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Server.class);

  /** One that has not tried its host out yet gives each runtime that may work there its time. */
  private static final RemoteEngine.Patience ENGINE =
      new RemoteEngine.Patience(Duration.ofMinutes(5), Duration.ofSeconds(20));

  /** Requests of which spans wait to be stored, for a second. */
  private static final int MOST_SPANS = 20_000;

  private static final Duration STOP_ALL = Duration.ofSeconds(60);

  private final ServerConfig config;
  private final EngineSocket socket;
  private final PartSettings settings;
  private final Parts parts = new Parts();
  private final Endpoints endpoints;

  private Server(ServerConfig config, EngineSocket socket) {
    this.config = config;
    this.socket = socket;
    this.settings = new PartSettings(config);
    this.endpoints = new Endpoints(config.server());
  }

  /**
   * Starts a server and returns when it serves.
   *
   * @throws IOException also if another server has the data directory, and if no engine answers
   */
  public static Server start(ServerConfig config) throws IOException {
    Path data = config.run().dataDirectory();
    return start(config, EngineSocket.of(DataDirectory.readInstance(data.resolve("instance"))));
  }

  /**
   * Starts a server whose engine is called at that socket.
   *
   * @throws IOException as {@link #start(ServerConfig)}
   */
  static Server start(ServerConfig config, EngineSocket socket) throws IOException {
    var server = new Server(config, socket);
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

  private void assemble() throws IOException {
    Time time = Time.system();
    DataDirectory directory =
        closing(
            "data directory", DataDirectory.open(config.run().dataDirectory(), System.getenv()));
    // SQLite's library is unpacked there, and not into /tmp, where a kill -9 would leave it for
    // ever.
    System.setProperty("org.sqlite.tmpdir", directory.own().toString());
    OwnAudit own =
        OwnAudit.open(
            settings.audit(directory),
            config.audit().syslog(),
            new SessionNames(directory.key())::of,
            time::now,
            parts);
    AuditLog audit = own.log();
    var traces = new HostTraces(socket.serversOwn(), directory.boot());
    ClaimMark mark = traces.claims();
    var metrics = new Metrics(config.metrics().history());
    metrics.measureProcess();
    var outside =
        new SqliteLedger.Outside(mark, Uptime.ofHost(), metrics.server().commits()::record);
    SqliteLedger sqlite =
        closing("ledger", SqliteLedger.open(directory.ledger(), directory.key(), outside));
    // Before the keeper, which ends sessions to its last moment: their connections live on these.
    Vertx vertx = closingVertx(GatewayVertx.create(Runtime.getRuntime().availableProcessors()));
    var listeners =
        new Listeners(config.server(), settings.callers(), endpoints, vertx, time, parts);
    var identities = new IdentityParts(config, directory, endpoints, time, parts);
    Identity identity = identities.identity();

    // An engine that is started at the same time is awaited as late as can be.
    RemoteEngine engine = closing("engine", engine());
    Logs logs = closing("logs", logs(directory, sqlite, engine, time));
    Ledger ledger = logs.ledger();
    closing("engine's traces on the host", () -> leaveHost(engine, traces));
    ImageStore images = imageStore(directory, engine);
    ImageUploads uploads = closing("uploads", uploads(directory));
    log.info(
        "isolation {}{}: {}",
        engine.info().isolation(),
        engine.info().caution().map(caution -> " (" + caution + ")").orElse(""),
        engine.info().runtime());

    var traffic = new TrafficMeters();
    UsageMeter meter = closing("usage meter", usageMeter(sqlite, engine, traffic, time));
    var link = new SessionLink();
    var counters = new LifecycleCounters();
    var keeperParts =
        new KeeperParts(
            ledger,
            new MeteredEngine(engine, meter),
            images,
            identities.logins(ledger, settings.images(directory).registries()),
            new SocketProbe(),
            identities.doors(ledger),
            time,
            new SecureRandom(),
            LifecycleSink.all(new LifecycleLog(), counters, logs.feed()),
            mark,
            directory::usableBytes,
            pool -> PoolSettings.of(ledger, pool.resourceId()).refusal(engine.info()),
            pool -> PoolSettings.of(ledger, pool.resourceId()).snapshotStart(),
            metrics);
    PoolKeeper keeper =
        closing(
            "keeper", new PoolKeeper(keeperParts, settings.keeper(engine.info().slots()), link));
    closing("sandboxes", () -> stopSandboxes(keeper));
    var routes = new PoolRoutes();
    var pools = new RoutedPools(keeper, ledger, routes, endpoints, engine::info, metrics);
    Sessions<SandboxConnections> sessions =
        new Sessions<>(
            ledger,
            keeper,
            SandboxConnections::new,
            time,
            new AllocationSettings(
                Math.max(1, config.allocation().queue()), config.allocation().crashPause()),
            own.ends(pools::resource));
    link.bind(sessions);
    List<SandboxRecord> adopted = keeper.recover(traces.rebooted());
    traces.remember();
    logs.start();
    sessions.adopt(adopted);
    log.info("{} sandboxes adopted", adopted.size());

    Roles roles = closing("roles", new Roles(() -> RoleAssignments.all(ledger)));
    var failed =
        new FailedTokens(
            config.identity().failedTokensPerMinute(), settings.proxies()::caller, time::nanos);
    var managementParts =
        new ManagementParts(
            ledger,
            pools,
            images,
            uploads,
            engine::info,
            engine::console,
            (pool, identifier) ->
                sessions.view(new SessionKey(pool, identifier)).map(SessionView::sandbox),
            new ManagementTokens(identity, failed, time::now),
            identity,
            roles,
            directory.key(),
            audit,
            new AuditReader(directory.audit()),
            access(logs, time),
            metrics,
            new UsageReports(sqlite, settings.prices()),
            time);
    var management =
        new Management(
            managementParts,
            settings.management(
                directory, endpoints, new Tenancy(identity.tenant(), identity::subscription)),
            identities.mounts(
                roles, ledger, new TokenDesk(failed, new TokenTrail(audit, time::now))));

    AccessLog accessLog = accessLog(directory);
    var spans = new SpanQueue(MOST_SPANS);
    metrics.host(hostGauges(keeper, counters, logs.counters(), accessLog));
    PoolSampler sampler =
        closing(
            "metrics sampler",
            new PoolSampler(metrics, ledger::counts, sessions::waiting, time::now));
    SessionReaper reaper = closing("reaper", new SessionReaper(sessions));
    listeners.openManagement(management);
    var gatewayParts =
        new GatewayParts(
            sessions,
            routes,
            new DataPlaneTokens(identity.verifier(), failed, roles, time::now),
            time,
            new SessionNames(directory.key())::host,
            new SessionTokens(directory.key(), time::now),
            RequestNotes.both(accessLog, traced(spans, time)),
            audit,
            config.server().oneListener() ? management : null,
            metrics.server(),
            traffic);
    TlsIdentity tls = listeners.callersTls();
    var gateway = new Gateway(vertx, settings.gateway(listeners.authorityUrl()), gatewayParts, tls);
    closing("gateway", () -> drain(gateway));
    keeper.start();
    reaper.start();
    sampler.start();
    meter.start();
    ListenAddress open = config.metrics().listen().orElse(null);
    if (open != null) {
      listeners.showMetrics(open, metrics);
    }
    export(directory, logs, metrics, spans);
    listeners.serve(gateway, tls, pools);
    announce(directory, identity);
    rehearse(sessions);
  }

  /** Beside the first requests: a start must not wait for it. */
  private static void rehearse(Sessions<?> sessions) {
    Thread.ofVirtual()
        .name("rehearsal")
        .start(
            () -> {
              try {
                new Rehearsal(sessions, new SecureRandom()).run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  // --- parts -----------------------------------------------------------------------------------

  private RemoteEngine engine() throws IOException {
    if (Files.notExists(socket.path())) {
      log.info("waiting for the engine at {}", socket.path());
    }
    return RemoteEngine.connect(socket.path(), ENGINE);
  }

  private ImageStore imageStore(DataDirectory directory, ImageRoots roots) throws IOException {
    var store = new SkopeoImageStore(settings.images(directory), roots);
    store.sweep();
    return store;
  }

  private Logs logs(DataDirectory directory, Ledger ledger, SandboxEngine engine, Time time)
      throws IOException {
    return Logs.open(
        directory.logs(),
        settings.logs(),
        new Logs.Sources(ledger, engine.consoles()),
        directory.key(),
        time);
  }

  private UsageMeter usageMeter(
      UsageLedger ledger, SandboxEngine engine, TrafficMeters traffic, Time time) {
    var kept =
        new UsageMeter.Retention(config.usage().retention(), config.usage().sandboxRetention());
    return new UsageMeter(ledger, engine, traffic, kept, time);
  }

  private LogAccess access(Logs logs, Time time) {
    int width = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    var queries = closing("log queries", new LogQueries(nodeName(), width, time));
    return new LogAccess(logs.store(), queries, logs.hash(), logs.counters()::counts);
  }

  /** Null where no traces are handed on. */
  private @Nullable RequestNotes traced(SpanQueue spans, Time time) {
    return config
        .export()
        .otlp()
        .filter(ExportSettings.Otlp::traces)
        .map(it -> new RequestSpans(spans, it.traceShare(), time))
        .orElse(null);
  }

  private void export(DataDirectory directory, Logs logs, Metrics metrics, SpanQueue spans)
      throws IOException {
    closing(
        "export",
        Export.start(
            settings.export(new Node(nodeName(), directory.instance().toString())),
            directory.export(),
            new Export.Sources(new LogTap(logs.store()), metrics, spans, logs.time()),
            new SecureRandom()));
  }

  private static String nodeName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private ImageUploads uploads(DataDirectory directory) throws IOException {
    ImageStoreSettings images = settings.images(directory);
    return new ImageUploads(
        images.directory().resolve("uploads"), ImageUploads.Limits.defaults(images.minFreeBytes()));
  }

  /** Null where none is asked for. */
  private @Nullable AccessLog accessLog(DataDirectory directory) throws IOException {
    Path file = config.server().accessLog().orElse(null);
    return file == null
        ? null
        : closing("access log", new AccessLog(file, new SessionNames(directory.key())::of));
  }

  private static HostGauges hostGauges(
      PoolKeeper keeper,
      LifecycleCounters counters,
      LogCounters logs,
      @Nullable AccessLog accessLog) {
    return new HostGauges(
        () -> keeper.room().slotsTaken(),
        () -> keeper.room().slots(),
        () -> keeper.room().memoryReserved(),
        () -> keeper.room().memory(),
        counters::counts,
        logs::counts,
        () -> accessLog == null ? 0 : accessLog.dropped());
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
    return parts.closing(name, part);
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

  private void leaveHost(SandboxEngine engine, HostTraces traces) throws IOException {
    if (config.run().sandboxes() == AtExit.STOP) {
      traces.remove();
      engine.leave();
    }
  }

  /** Closes everything in reverse, whatever fails on the way. */
  @Override
  public void close() {
    Instant begin = Instant.now();
    parts.close();
    log.info("closed in {} ms", Duration.between(begin, Instant.now()).toMillis());
  }
}
