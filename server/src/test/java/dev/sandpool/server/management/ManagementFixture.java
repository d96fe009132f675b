package dev.sandpool.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.InstanceId;
import dev.sandpool.model.Isolation;
import dev.sandpool.model.Json;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.audit.AuditReader;
import dev.sandpool.server.audit.NotedAudit;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.identity.Identities;
import dev.sandpool.server.image.ImageUploads;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.role.BuiltInRole;
import dev.sandpool.server.role.Caller;
import dev.sandpool.server.role.Roles;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.Time;
import dev.sandpool.server.usage.PriceSheet;
import dev.sandpool.server.usage.UsageReports;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Management behind real HTTP on loopback, with everything else faked. */
final class ManagementFixture implements AutoCloseable {
  static final String SUBSCRIPTION = "/subscriptions/11111111-2222-3333-4444-555555555555";
  static final String GROUP = SUBSCRIPTION + "/resourceGroups/rg";
  static final String ENVIRONMENT = GROUP + "/providers/Microsoft.App/managedEnvironments/env";
  static final String POOL = GROUP + "/providers/Microsoft.App/sessionPools/my-pool";
  static final String VERSION = "?api-version=2025-07-01";
  static final String TOKEN = "management-token";
  private static final String SOMEBODY = "somebody:";
  static final String TENANT = "99999999-8888-7777-6666-555555555555";
  static final SandboxId SANDBOX = new SandboxId("aaaabbbb");

  final MemoryLedger ledger = new MemoryLedger();
  final FakePools pools = new FakePools(ledger);
  final FakeImages images = new FakeImages();
  final NotedAudit audit = new NotedAudit();
  final Path folder = Files.createTempDirectory("management-test");
  final Metrics metrics = new Metrics();
  final TestUsage usage = new TestUsage();
  final PriceSheet prices =
      new PriceSheet(
          "EUR",
          Optional.of(new BigDecimal("0.5")),
          Optional.of(new BigDecimal("0.25")),
          Optional.empty(),
          Optional.of(new BigDecimal("0.03")));
  final ImageUploads uploads =
      new ImageUploads(
          folder.resolve("uploads"), new ImageUploads.Limits(3 << 20, 2, Duration.ofMinutes(1), 0));
  final TestLogs logs = new TestLogs(folder.resolve("logs"), () -> this.now.get());
  final AtomicReference<@Nullable InputStream> console = new AtomicReference<>();
  final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-22T10:00:00.1234567Z"));

  private final Roles roles = new Roles(() -> RoleAssignments.all(ledger));
  private final Vertx vertx = Vertx.vertx();
  private final ManagementParts parts;
  private final ManagementSettings settings;
  private final HttpServer server;
  private @Nullable OpenApi specification;
  private final HttpClient client = HttpClient.newHttpClient();

  ManagementFixture() throws Exception {
    this(PoolLimits.contract(), null);
  }

  ManagementFixture(QuotaLimits quotas) throws Exception {
    this(PoolLimits.contract(), quotas, null, Bodies.Limits.defaults());
  }

  ManagementFixture(Bodies.Limits bodies) throws Exception {
    this(PoolLimits.contract(), QuotaLimits.NONE, null, bodies);
  }

  ManagementFixture(PoolLimits limits, @Nullable String domain) throws Exception {
    this(limits, QuotaLimits.NONE, domain, Bodies.Limits.defaults());
  }

  private ManagementFixture(
      PoolLimits limits, QuotaLimits quotas, @Nullable String domain, Bodies.Limits bodies)
      throws Exception {
    this.parts =
        new ManagementParts(
            ledger,
            pools,
            images,
            uploads,
            () -> new EngineInfo("fake", Isolation.GVISOR, "runsc 1 (systrap)", 0, 100),
            (sandbox, follow) -> Optional.ofNullable(console.get()),
            (pool, identifier) ->
                identifier.equals("known") ? Optional.of(SANDBOX) : Optional.empty(),
            ManagementFixture::verify,
            Identities.in(folder),
            roles,
            DataKey.of(new byte[32]),
            audit,
            new AuditReader(Files.createDirectories(folder.resolve("audit"))),
            logs.access(),
            metrics,
            new UsageReports(usage, prices),
            new FixedTime());
    this.settings =
        new ManagementSettings(
            "1.2.3",
            new InstanceId("abcd"),
            PublicAddress.of(this::base, domain),
            limits,
            quotas,
            new Tenancy(TENANT, () -> Optional.of(SUBSCRIPTION.split("/", -1)[2])),
            new CustomDomains(
                List.of("api.customer.test", "*.apps.test"),
                Optional.of("Sandpool.Apps.test"),
                Optional.ofNullable(domain)),
            request -> String.valueOf(request.remoteAddress().hostAddress()));
    var mount = Mount.prefix("/open/", request -> request.response().end("open to all"));
    this.server =
        vertx
            .createHttpServer()
            .requestHandler(new Management(parts, settings, List.of(mount), bodies))
            .listen(0, "127.0.0.1")
            .await(20, TimeUnit.SECONDS);
  }

  /**
   * Besides the administrator's there is a token of each object id, with the rights of its roles.
   */
  private static TokenCheck.Verdict verify(@Nullable String bearer) {
    if (bearer != null && bearer.startsWith(SOMEBODY)) {
      String[] ids = bearer.substring(SOMEBODY.length()).split(",");
      List<String> groups = List.of(ids).subList(1, ids.length);
      return new TokenCheck.Principal(ids[0], Caller.of(ids[0], groups));
    }
    return TOKEN.equals(bearer)
        ? new TokenCheck.Principal("admin@example", Caller.administrator("admin@example"))
        : new TokenCheck.Refusal(
            401, "Unauthenticated", "The token is not for management.", "Bearer realm=\"x\"");
  }

  private final class FixedTime implements Time {
    @Override
    public Instant now() {
      return now.get();
    }

    @Override
    public long nanos() {
      return 0;
    }
  }

  URI base() {
    return URI.create("http://127.0.0.1:" + server.actualPort());
  }

  /** An answer. */
  record Reply(int status, String text, java.net.http.HttpHeaders headers) {
    JsonNode json() {
      return Json.MAPPER.readTree(text);
    }

    JsonNode at(String pointer) {
      return json().at(pointer);
    }

    String header(String name) {
      return headers.firstValue(name).orElse("");
    }
  }

  Reply call(String method, String path) {
    return call(method, path, null);
  }

  Reply call(String method, String pathOrUrl, @Nullable String body) {
    return send(request(method, pathOrUrl, body).header("Authorization", "Bearer " + TOKEN));
  }

  HttpRequest.Builder request(String method, String pathOrUrl, @Nullable String body) {
    URI uri = pathOrUrl.startsWith("http") ? URI.create(pathOrUrl) : base().resolve(pathOrUrl);
    return HttpRequest.newBuilder(uri)
        .timeout(Duration.ofSeconds(20))
        .method(
            method,
            body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body));
  }

  /** Asks as somebody with that object id, who may be in groups: {@code id,group,group}. */
  Reply callAs(String ids, String method, String pathOrUrl, @Nullable String body) {
    return send(
        request(method, pathOrUrl, body).header("Authorization", "Bearer " + SOMEBODY + ids));
  }

  /** Gives somebody a role, as the administrator. */
  void give(BuiltInRole role, String scope, String principal) {
    String name = UUID.randomUUID().toString();
    Reply reply =
        call(
            "PUT",
            scope + "/providers/Microsoft.Authorization/roleAssignments/" + name,
            "{\"properties\":{\"roleDefinitionId\":\"%s\",\"principalId\":\"%s\"}}"
                .formatted(RoleDefinitions.resourceId(role, ""), principal));
    if (reply.status() != 201) {
      throw new AssertionError(reply.text());
    }
  }

  /** What each route asks of its callers. */
  Map<String, Guard> guards() {
    return Routes.of(parts, settings).guards();
  }

  /** With one header more. */
  Reply call(String method, String path, @Nullable String body, String name, String value) {
    return send(
        request(method, path, body).header("Authorization", "Bearer " + TOKEN).header(name, value));
  }

  Reply send(HttpRequest.Builder request) {
    try {
      HttpRequest sent = request.build();
      var response = client.send(sent, HttpResponse.BodyHandlers.ofString());
      var reply = new Reply(response.statusCode(), response.body(), response.headers());
      judge(sent, reply);
      return reply;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** No answer of any test may be other than the specification says. */
  private void judge(HttpRequest request, Reply reply) {
    String path = request.uri().getPath();
    if (path.startsWith("/open/") || path.equals("/openapi.json")) {
      return;
    }
    OpenApi judging = specification;
    if (judging == null) {
      judging = new OpenApi(send(request("GET", "/openapi.json", null)).text());
      specification = judging;
    }
    assertThat(judging.faults(request.method(), path, reply))
        .as("%s %s: %s", request.method(), path, reply.text())
        .isEmpty();
  }

  /** The routes of this server, as methods and templates. */
  List<String> routes() {
    return Stream.of(Routes.open(settings), Routes.of(parts, settings))
        .flatMap(router -> router.routes().stream())
        .toList();
  }

  HttpResponse<InputStream> stream(String method, String path, String body) throws Exception {
    return client.send(
        request(method, path, body).header("Authorization", "Bearer " + TOKEN).build(),
        HttpResponse.BodyHandlers.ofInputStream());
  }

  void createEnvironment() {
    call("PUT", ENVIRONMENT + VERSION, "{\"location\":\"East Asia\"}");
  }

  /** Environment and pool, up. */
  void createPool() {
    createEnvironment();
    call("PUT", POOL + VERSION, poolBody());
    pools.settle();
  }

  PoolRecord pool() {
    return ledger.pools().getFirst();
  }

  /** The documentation's sample, with what it leaves to the reader filled in. */
  static String poolBody() {
    return """
    {
      "location": "East Asia",
      "tags": {"team": "agents"},
      "properties": {
        "environmentId": "%s",
        "poolManagementType": "Dynamic",
        "containerType": "CustomContainer",
        "scaleConfiguration": {"maxConcurrentSessions": 10, "readySessionInstances": 5},
        "dynamicPoolConfiguration": {
          "lifecycleConfiguration": {"lifecycleType": "Timed", "cooldownPeriodInSeconds": 600}
        },
        "secrets": [{"name": "registrypassword", "value": "hunter2-secret"}],
        "customContainerTemplate": {
          "registryCredentials": {
            "server": "registry.example:5000",
            "username": "me",
            "passwordSecretRef": "registrypassword"
          },
          "containers": [
            {
              "image": "registry.example:5000/my-image:1.0",
              "name": "mycontainer",
              "resources": {"cpu": 0.25, "memory": "0.5Gi"},
              "command": ["/bin/sh"],
              "args": ["-c", "while true; do echo hello; sleep 10; done"],
              "env": [
                {"name": "key1", "value": "value1"},
                {"name": "KEY2", "secretRef": "registrypassword"}
              ]
            }
          ],
          "ingress": {"targetPort": 80}
        },
        "sessionNetworkConfiguration": {"status": "EgressEnabled"}
      }
    }
    """
        .formatted(ENVIRONMENT);
  }

  @Override
  public void close() throws Exception {
    client.close();
    roles.close();
    vertx.close().await(20, TimeUnit.SECONDS);
    ledger.close();
    uploads.close();
    logs.close();
    Files.delete(folder.resolve("uploads")); // Empty, or the test has left something.
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
