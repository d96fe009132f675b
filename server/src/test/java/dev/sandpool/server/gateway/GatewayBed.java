package dev.sandpool.server.gateway;

import static dev.sandpool.server.ledger.Samples.NOW;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.audit.NotedAudit;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Samples;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.metrics.PoolMeters;
import dev.sandpool.server.role.BuiltInRole;
import dev.sandpool.server.role.Caller;
import dev.sandpool.server.role.Rights;
import dev.sandpool.server.role.RoleAssignment;
import dev.sandpool.server.role.Scope;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.session.AllocationSettings;
import dev.sandpool.server.session.Sandboxes;
import dev.sandpool.server.session.SessionEntry;
import dev.sandpool.server.session.Sessions;
import dev.sandpool.server.time.Time;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A gateway on a free port before real sessions, a ledger in memory and stub sandboxes. */
final class GatewayBed implements AutoCloseable {
  static final String TOKEN = "token-of-a-caller";
  private static final String OF_A_ROLE = "role-";
  static final String BASE = "/subscriptions/S1/resourceGroups/RG/sessionPools/mypool";
  static final String HOST = "mypool.dev-x7.westus.env.test";
  static final String OWN_HOST = "sessions.customer.test";
  static final String AUTH = "Authorization: Bearer " + TOKEN + "\r\n";

  final MemoryLedger ledger = new MemoryLedger();
  final Tokens tokens = new Tokens();
  final AtomicReference<Instant> now = new AtomicReference<>(NOW);

  /** How far the monotonic clock of gateway and sessions is before the machine's. */
  final AtomicLong aheadNanos = new AtomicLong();

  final AtomicReference<Duration> readyPause = new AtomicReference<>(Duration.ZERO);
  final PoolRoutes routes = new PoolRoutes();
  final NotedAudit audit = new NotedAudit();
  final TrafficMeters traffic = new TrafficMeters();
  final Metrics metrics = new Metrics();
  final Sessions<SandboxConnections> sessions;
  private final PoolRecord pool;
  private final Vertx vertx = GatewayVertx.create(2);
  private final Gateway gateway;
  private final int port;
  private final List<AutoCloseable> closing = new ArrayList<>();
  private int sandboxes;

  GatewayBed() throws IOException {
    this(Duration.ofSeconds(30), Duration.ofMinutes(4), 10);
  }

  /** One that speaks TLS. */
  GatewayBed(TlsIdentity tls) throws IOException {
    this(GatewaySettings.Limits.defaults(), 10, tls, null, TrustedProxies.NONE);
  }

  /** One that notes its requests there. */
  GatewayBed(RequestNotes log) throws IOException {
    this(GatewaySettings.Limits.defaults(), 10, null, log, TrustedProxies.NONE);
  }

  /** One behind those. */
  GatewayBed(TrustedProxies proxies) throws IOException {
    this(GatewaySettings.Limits.defaults(), 10, null, null, proxies);
  }

  GatewayBed(GatewaySettings.Limits limits, TrustedProxies proxies) throws IOException {
    this(limits, 10, null, null, proxies);
  }

  GatewayBed(Duration allocation, Duration idle, int maxSessions) throws IOException {
    this(allocation, idle, maxSessions, 512);
  }

  /**
   * @param connections to one sandbox, of each of the two event loops
   */
  GatewayBed(Duration allocation, Duration idle, int maxSessions, int connections)
      throws IOException {
    this(limits(allocation, idle, connections), maxSessions);
  }

  GatewayBed(GatewaySettings.Limits limits, int maxSessions) throws IOException {
    this(limits, maxSessions, null, null, TrustedProxies.NONE);
  }

  /**
   * @param endIsKnown how long the end of a sandbox is waited for where a connection to it ends
   */
  GatewayBed(Duration endIsKnown) throws IOException {
    this(GatewaySettings.Limits.defaults(), 10, null, null, TrustedProxies.NONE, endIsKnown);
  }

  private static GatewaySettings.Limits limits(
      Duration allocation, Duration idle, int connections) {
    return new GatewaySettings.Limits(
        64 * 1024, allocation, Duration.ofSeconds(5), idle, connections);
  }

  GatewayBed(
      GatewaySettings.Limits limits,
      int maxSessions,
      @Nullable TlsIdentity tls,
      @Nullable RequestNotes log,
      TrustedProxies proxies)
      throws IOException {
    this(limits, maxSessions, tls, log, proxies, AllocationSettings.defaults().endIsKnown());
  }

  private GatewayBed(
      GatewaySettings.Limits limits,
      int maxSessions,
      @Nullable TlsIdentity tls,
      @Nullable RequestNotes log,
      TrustedProxies proxies,
      Duration endIsKnown)
      throws IOException {
    pool = Samples.pool(1, maxSessions);
    ledger.putPool(pool, Samples.document(pool));
    sessions =
        new Sessions<>(
            ledger,
            new FakeSandboxes(),
            SandboxConnections::new,
            new AheadTime(),
            new AllocationSettings(100, Duration.ofMinutes(1), endIsKnown));
    options(PoolRoute.Options.NONE);
    var settings = new GatewaySettings("env.test", "https://login.test/t", 2, limits, proxies);
    gateway =
        new Gateway(
            vertx,
            settings,
            new GatewayParts(
                sessions,
                routes,
                tokens,
                new AheadTime(),
                GatewayBed::hashed,
                new SessionTokens(DataKey.of(new byte[32]), now::get),
                log,
                audit,
                null,
                metrics.server(),
                traffic),
            tls);
    port = gateway.start("127.0.0.1", 0);
  }

  private final class AheadTime implements Time {
    @Override
    public Instant now() {
      return Instant.now();
    }

    @Override
    public long nanos() {
      return System.nanoTime() + aheadNanos.get();
    }
  }

  /**
   * A token of who has that role everywhere, or below the scope that is written behind a {@code @}.
   */
  static String tokenOf(BuiltInRole role) {
    return OF_A_ROLE + role;
  }

  /** Bytes of memory outside of the heap that buffers have, of all gateways of this process. */
  static long bufferBytes() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }

  /** Not keyed, and different for what tests ask for. */
  static String hashed(String session) {
    return "%024x".formatted(session.hashCode() & 0xffffffffL);
  }

  /** The pool has these from now on. */
  void options(PoolRoute.Options options) {
    String endpoint = "https://public.test" + BASE;
    routes.replace(
        List.of(
            new PoolRoute(
                pool.id(),
                "MyPool",
                "s1",
                "rg",
                endpoint,
                HOST,
                Set.of(OWN_HOST),
                options,
                Scope.ofPool("s1", "rg", "MyPool"),
                meters())));
  }

  /** Those of the pool. */
  PoolMeters meters() {
    return metrics.pool(pool.id(), new ResourceId("s1", "rg", ResourceId.SESSION_POOLS, "MyPool"));
  }

  /** As many connections of callers as are counted among those of pools. */
  long callerConnections() throws IOException {
    var text = new ByteArrayOutputStream();
    metrics.write(text, metrics.writer(null));
    return text.toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("sandpool_caller_connections{"))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Another pool beside this bed's. */
  void routesWith(PoolRoute other) {
    String endpoint = "https://public.test" + BASE;
    var own =
        new PoolRoute(pool.id(), "MyPool", "s1", "rg", endpoint, HOST, PoolRoute.Options.NONE);
    routes.replace(List.of(own, other));
  }

  /** A stub, ready to be claimed, closed with the bed. */
  StubSandbox sandbox(StubSandbox.Script script) throws IOException {
    var stub = new StubSandbox(script);
    closing.add(stub);
    ready(stub.port());
    return stub;
  }

  StubSandbox sandbox(String body) throws IOException {
    return sandbox((request, in, out) -> StubSandbox.respond(out, body));
  }

  /** A sandbox of the ledger at any port, listening or not. */
  SandboxId ready(int targetPort) {
    int number = ++sandboxes;
    SandboxId id = Samples.sandboxId(number);
    ledger.recordStarting(
        new SandboxRecord(
            id,
            pool.desired().id(),
            number,
            NetworkStatus.EGRESS_DISABLED,
            1,
            targetPort,
            null,
            SandboxState.STARTING,
            null,
            null,
            NOW,
            null,
            null,
            null,
            null,
            null));
    ledger.markReady(id, "127.0.0.1", NOW.plusSeconds(number));
    sessions.poolChanged(pool.id());
    return id;
  }

  PoolId poolId() {
    return pool.id();
  }

  Gateway gateway() {
    return gateway;
  }

  int port() {
    return port;
  }

  /** The session of an identifier, if there is one. */
  @Nullable SessionEntry<SandboxConnections> session(String identifier) {
    return sessions.find(new SessionKey(pool.id(), identifier));
  }

  RawCaller call() throws IOException {
    var caller = new RawCaller(port);
    closing.add(caller);
    return caller;
  }

  /** One request on a connection of its own. */
  RawCaller.Answer get(String rest) throws IOException {
    return call().send(request("GET", rest, "")).receive();
  }

  RawCaller.Answer post(String rest) throws IOException {
    return call().send(request("POST", rest, "Content-Length: 0\r\n")).receive();
  }

  RawCaller.Answer delete(String rest) throws IOException {
    return call().send(request("DELETE", rest, "")).receive();
  }

  /** A head with host and token. */
  static String request(String method, String rest, String headers) {
    return method + " " + BASE + rest + " HTTP/1.1\r\nHost: gw.test\r\n" + AUTH + headers + "\r\n";
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable one : closing.reversed()) {
      one.close();
    }
    gateway.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  /** Accepts one token, after a first look that blocks, as a real one does. */
  static final class Tokens implements TokenCheck {
    private volatile boolean seen;
    final AtomicInteger verified = new AtomicInteger();

    /** Told of each token that comes, on its event loop, and of each that is then examined. */
    volatile Consumer<String> onKnown = token -> {};

    volatile Consumer<String> onVerify = token -> {};

    private static Accepted accepted(Rights rights) {
      return new Accepted("tester", Caller.of("tester", List.of()), rights);
    }

    @Override
    public Verdict known(String token) {
      onKnown.accept(token);
      return seen && token.equals(TOKEN) ? accepted(Rights.ALL) : Unknown.INSTANCE;
    }

    @Override
    public Verdict verify(String token) {
      verified.incrementAndGet();
      onVerify.accept(token);
      if (token.startsWith(OF_A_ROLE)) {
        String[] parts = (token.substring(OF_A_ROLE.length()) + "@").split("@", -1);
        var given = new RoleAssignment("tester", BuiltInRole.valueOf(parts[0]), parts[1]);
        return accepted(Rights.of(List.of(given)));
      }
      if (token.equals("too-many")) {
        return new Later(7);
      }
      if (token.equals("not-allowed")) {
        return accepted(Rights.of(List.of()));
      }
      if (!token.equals(TOKEN)) {
        return new Refused("Unauthenticated", "The token is not valid.");
      }
      seen = true;
      return accepted(Rights.ALL);
    }
  }

  private final class FakeSandboxes implements Sandboxes {
    @Override
    public void replenish(PoolId id) {}

    @Override
    public boolean destroy(SandboxId sandbox, String reason, Duration atMost) {
      ledger.markGone(sandbox, NOW);
      sessions.sandboxGone(sandbox);
      return true;
    }

    @Override
    public Duration readyPause(PoolId id) {
      return readyPause.get();
    }

    @Override
    public String whyNoneReady(PoolId id) {
      return "the image cannot be pulled";
    }
  }
}
