package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sandpool.model.Json;
import dev.sandpool.server.identity.AdminContext;
import dev.sandpool.server.identity.Identities;
import dev.sandpool.server.identity.Identity;
import dev.sandpool.server.identity.RegistryEndpoints;
import dev.sandpool.server.identity.RegistryTokens;
import dev.sandpool.server.identity.TokenRules;
import dev.sandpool.server.role.Rights;
import dev.sandpool.server.role.Scope;
import dev.sandpool.server.secret.DataKey;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * A real registry believes the built-in authority: pools pull by identity, and nobody gets further
 * than roles allow.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegistryByIdentityIT {
  private static final String SERVICE = "registry.test";
  private static final String CONFIG =
      """
      identity:
        registries:
          - service: registry.test
          - service: other.test
      """;

  private final Stage stage;
  private final TestRegistry registry;
  private final Path work;
  private final AdminContext admin;
  private final String image;

  RegistryByIdentityIT() throws Exception {
    stage = Stage.open("registry", CONFIG, "--dev", "--sandboxes", "stop");
    admin = stage.server().admin();
    work = Files.createDirectory(stage.server().home().resolve("work"));
    registry =
        TestRegistry.withTokenServer(
            stage.server().home().resolve("registry"),
            tokenServer(body(base() + "/registry/root.crt")));
    image = registry.push("oci-archive:" + Stage.sampleArchive(), "team/sample:1");
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    registry.close();
    stage.close();
  }

  private TestRegistry.TokenServer tokenServer(String root) throws IOException {
    return new TestRegistry.TokenServer(
        base() + "/registry/token",
        SERVICE,
        base() + "/v2.0",
        root,
        admin.clientId(),
        admin.clientSecret());
  }

  private String base() throws IOException {
    return stage.server().url() + "/" + admin.tenant();
  }

  private String body(String url) {
    HttpResponse<String> answer = stage.client().send(HttpRequest.newBuilder(URI.create(url)));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  private void give(String role, String objectId) {
    stage
        .cli()
        .ok(
            "sandpool role assignment create --role "
                + role
                + " --assignee-object-id "
                + objectId
                + " --assignee-principal-type ServicePrincipal --scope /");
  }

  @Test
  void aPoolPullsItsImageByIdentityWithoutAnyPassword() throws Exception {
    stage.cli().ok("sandpool identity create -n puller -g group -l local");
    String principal =
        stage
            .cli()
            .ok("sandpool identity show -n puller -g group -o tsv --query principalId")
            .strip();
    give("AcrPull", principal);

    stage
        .cli()
        .ok(
            Stage.create(
                "byidentity",
                "--image "
                    + image
                    + " --target-port 8080 --max-sessions 2 --ready-sessions 1"
                    + " --mi-user-assigned puller --registry-identity puller --registry-server "
                    + registry.address()));

    assertThat(stage.find("byidentity").shell("one-00001", "echo pulled")).isEqualTo("pulled\n");
    assertThat(registry.log()).contains("\"GET /v2/team/sample/manifests/1 HTTP/1.1\" 200 ");
    stage.delete("byidentity");
  }

  @Test
  void anIdentityWithoutTheRoleDoesNotPull() throws Exception {
    stage.cli().ok("sandpool identity create -n stranger -g group -l local");

    TestCli.Outcome outcome =
        stage
            .cli()
            .type(
                Stage.create(
                    "stranger",
                    "--image "
                        + image
                        + " --target-port 8080 --max-sessions 2 --ready-sessions 1"
                        + " --mi-user-assigned stranger --registry-identity stranger"
                        + " --registry-server "
                        + registry.address()));

    assertThat(outcome.code()).isNotZero();
    assertThat(outcome.err()).contains("ImagePullFailed", "team/sample:1");
  }

  /** Its login as {@code user:password}. */
  private String principal(String name, String role) throws Exception {
    JsonNode made =
        Json.MAPPER.readTree(stage.cli().ok("sandpool ad sp create-for-rbac --name " + name));
    String client = made.path("appId").asString();
    JsonNode shown =
        Json.MAPPER.readTree(stage.cli().ok("sandpool ad sp show --id " + client + " -o json"));
    give(role, shown.path("id").asString());
    return client + ":" + made.path("password").asString();
  }

  private void push(String login, String name) throws IOException, InterruptedException {
    Path auth = Files.createTempFile(work, "auth", ".json");
    String pair = Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
    Files.writeString(
        auth, "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(registry.address(), pair));
    Shell.run(
        work,
        "skopeo",
        "copy",
        "--quiet",
        "--dest-tls-verify=false",
        "--dest-authfile",
        auth.toString(),
        TinyImage.make(work, name, 0),
        "docker://" + registry.address() + "/" + name);
  }

  @Test
  void whoMayPullAloneCannotPush_whoMayPushCan() throws Exception {
    String reader = principal("reader", "AcrPull");
    String writer = principal("writer", "AcrPush");

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> push(reader, "mine:1"))
        .withMessageMatching("(?s).*(denied|unauthorized).*");
    push(writer, "mine:1");

    assertThat(ask(registry, token(reader, SERVICE, "repository:mine:pull,push"), "mine"))
        .isEqualTo(200);
  }

  private String token(String login, String service, String scope) throws IOException {
    return token(base() + "/registry/token?service=" + service + "&scope=" + scope, login);
  }

  private String token(String url, String login) {
    String pair = Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8));
    HttpResponse<String> answer =
        stage
            .client()
            .send(HttpRequest.newBuilder(URI.create(url)).header("Authorization", "Basic " + pair));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return TestClient.json(answer).path("token").asString();
  }

  private int ask(TestRegistry asked, String token, String repository) {
    return stage
        .client()
        .send(
            HttpRequest.newBuilder(
                    URI.create("http://" + asked.address() + "/v2/" + repository + "/manifests/1"))
                .header("Accept", "application/vnd.oci.image.manifest.v1+json")
                .header("Authorization", "Bearer " + token))
        .statusCode();
  }

  @Test
  void aTokenOpensTheRepositoryAndTheRegistryThatItNamesAndNoOthers() throws Exception {
    String login = admin.clientId() + ":" + admin.clientSecret();
    String sample = "repository:team/sample:pull";

    assertThat(ask(registry, token(login, SERVICE, sample), "team/sample")).isEqualTo(200);
    assertThat(ask(registry, token(login, SERVICE, "repository:other:pull"), "team/sample"))
        .isEqualTo(401);
    assertThat(ask(registry, token(login, SERVICE, "repository:team/sample:push"), "team/sample"))
        .isEqualTo(401);
    assertThat(ask(registry, token(login, "other.test", sample), "team/sample")).isEqualTo(401);
    assertThat(ask(registry, "x", "team/sample")).isEqualTo(401);
  }

  /** An authority in this process, because its clock has to be turned back. */
  @Test
  void anExpiredTokenIsRefused_andOneOfAnotherAuthority() throws Exception {
    var now = new AtomicReference<>(Instant.now());
    Vertx vertx = Vertx.vertx();
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      var url = new AtomicReference<>(URI.create("http://none.test"));
      Identity identity = identity(url, now);
      RegistryTokens tokens = identity.registryTokens(Map.of(SERVICE, Scope.ALL));
      int port =
          vertx
              .createHttpServer()
              .requestHandler(
                  new RegistryEndpoints(
                      tokens,
                      new RegistryTokens.Standing(_ -> Rights.ALL, _ -> true),
                      threads,
                      Identities.desk(600)))
              .listen(0, "127.0.0.1")
              .await(10, TimeUnit.SECONDS)
              .actualPort();
      url.set(URI.create("http://127.0.0.1:" + port));
      AdminContext its = AdminContext.read(work.resolve("admin.json")).orElseThrow();
      var server =
          new TestRegistry.TokenServer(
              tokens.realm().toString(),
              SERVICE,
              url.get() + "/" + identity.tenant() + "/v2.0",
              body(url.get() + "/" + identity.tenant() + "/registry/root.crt"),
              its.clientId(),
              its.clientSecret());
      try (TestRegistry other =
          TestRegistry.withTokenServer(stage.server().home().resolve("registry2"), server)) {
        other.push(TinyImage.make(work, "x", 0), "tiny:1");
        String login = its.clientId() + ":" + its.clientSecret();
        String fresh = tokenOf(tokens.realm(), login);
        now.set(now.get().minus(Duration.ofMinutes(10)));
        String old = tokenOf(tokens.realm(), login);

        assertThat(ask(other, fresh, "tiny")).isEqualTo(200);
        assertThat(ask(other, old, "tiny")).isEqualTo(401);
        assertThat(ask(registry, fresh, "tiny")).isEqualTo(401);
      }
    } finally {
      vertx.close().await(10, TimeUnit.SECONDS);
      threads.close();
    }
  }

  private Identity identity(AtomicReference<URI> url, AtomicReference<Instant> now)
      throws IOException {
    return Identity.open(
        new Identity.Places(
            work.resolve("signing.key"),
            work.resolve("principals.json"),
            work.resolve("admin.json"),
            work.resolve("registry.key")),
        DataKey.of(new byte[32]),
        new TokenRules(Duration.ofHours(1), Duration.ofDays(90), Duration.ofMinutes(1), false),
        url::get,
        now::get);
  }

  private String tokenOf(URI realm, String login) {
    return token(realm + "?service=" + SERVICE + "&scope=repository:tiny:pull", login);
  }
}
