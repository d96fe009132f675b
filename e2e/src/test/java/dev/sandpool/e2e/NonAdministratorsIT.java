package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.sandpool.model.Json;
import dev.sandpool.server.identity.AdminContext;
import java.net.URLDecoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Everybody but the administrator: nothing without a role, and with one what it says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NonAdministratorsIT {
  private static final Path PAGE = TestServer.root().resolve("docs/identity.md");
  private static final String EXECUTOR = "\"Azure ContainerApps Session Executor\"";

  private final StandInIssuer issuer;
  private final Stage stage;
  private final TestPool pool;
  private final TestPool other;

  NonAdministratorsIT() throws Exception {
    issuer = new StandInIssuer();
    stage =
        Stage.development(
            "others",
            """
            identity:
              issuers:
                - issuer: %1$s
                  dataAudiences: [sandpool]
                  managementAudiences: [sandpool-management]
              exchange:
                tokenEndpoint: %1$s/token
            """
                .formatted(issuer.name()));
    pool = stage.pool("mine", "--max-sessions 4 --ready-sessions 1 --mi-system-assigned");
    other = stage.pool("theirs", "--max-sessions 2 --ready-sessions 0");
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    issuer.close();
    stage.close();
  }

  private void give(String role, String objectId, String scope) {
    stage
        .cli()
        .ok(
            "sandpool role assignment create --role %s --assignee-object-id %s --assignee-principal-type ServicePrincipal --scope %s"
                .formatted(role, objectId, scope));
  }

  private String scope(String name) {
    return stage.client().pool("group", name);
  }

  private HttpResponse<String> use(TestPool used, String token) {
    return stage
        .client()
        .send(used.bare("/?identifier=user-0001").header("Authorization", "Bearer " + token));
  }

  @Test
  void aPrincipalOfTheAuthorityMayDoWhatItsRolesSayAndNoMore() throws Exception {
    JsonNode made =
        Json.MAPPER.readTree(stage.cli().ok("sandpool ad sp create-for-rbac --name app"));
    String client = made.path("appId").asString();
    String objectId =
        Json.MAPPER
            .readTree(stage.cli().ok("sandpool ad sp show --id " + client + " -o json"))
            .path("id")
            .asString();
    AdminContext admin = stage.server().admin();
    var context =
        new AdminContext(
            admin.endpoint(),
            admin.managementEndpoint(),
            admin.tenant(),
            client,
            made.path("password").asString(),
            admin.subscription());
    Path file = stage.server().home().resolve("app.json");
    context.write(file);
    var cli = new TestCli(Files.createDirectory(stage.server().home().resolve("app")), file);
    try (var app = new TestClient(context, stage.server().url())) {
      String token = app.token(TestClient.SESSIONS);
      assertThat(use(pool, token).statusCode()).isEqualTo(403);
      assertThat(cli.type("sandpool sessionpool show -n mine -g group").code()).isNotZero();

      give(EXECUTOR, objectId, scope("mine"));

      assertThat(use(pool, token).statusCode()).isEqualTo(200);
      assertThat(use(other, token).statusCode()).isEqualTo(403);
      assertThat(app.arm("GET", scope("mine"), null).statusCode()).isEqualTo(200);
      assertThat(app.arm("DELETE", scope("mine"), null).statusCode()).isEqualTo(403);
      assertThat(cli.type("sandpool sessionpool show -n theirs -g group").code()).isNotZero();
      assertThat(cli.ok("sandpool sessionpool list -g group --query [].name -o tsv"))
          .isEqualTo("mine\n");

      stage.cli().ok("sandpool ad sp delete --id " + client);
      assertThat(use(pool, token).statusCode()).isEqualTo(401);
    }
  }

  /** A line of the page that begins so, with its words replaced. */
  private static String documented(String beginning, Map<String, String> words) throws Exception {
    String line =
        Files.readAllLines(PAGE).stream()
            .filter(it -> it.startsWith(beginning))
            .findFirst()
            .orElseThrow(() -> new AssertionError(PAGE + " has no line '" + beginning + "'"));
    for (Map.Entry<String, String> word : words.entrySet()) {
      assertThat(line).contains(word.getKey());
      line = line.replace(word.getKey(), word.getValue());
    }
    return line;
  }

  private String objectId(String beginning, String placeholder, String value) throws Exception {
    String line =
        documented(
            beginning,
            Map.of(
                "https://keycloak.example.com/realms/agents", issuer.name(), placeholder, value));
    return Shell.run(Path.of("/"), "sh", "-c", line).strip();
  }

  @Test
  void somebodyOfAnotherIssuerIsGivenARoleAsThePageSays() throws Exception {
    String token = issuer.token("f3b1-of-keycloak", "sandpool");
    HttpResponse<String> refused = use(pool, token);
    String objectId =
        objectId(
            "python3 -c 'import uuid; print(uuid.uuid5(uuid.NAMESPACE_URL,"
                + " \"https://keycloak.example.com/realms/agents#SUBJECT",
            "SUBJECT",
            "f3b1-of-keycloak");
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains(objectId);

    give(EXECUTOR, objectId, scope("mine"));

    assertThat(use(pool, token).statusCode()).isEqualTo(200);
    assertThat(use(other, token).statusCode()).isEqualTo(403);
    assertThat(use(pool, issuer.token("f3b1-of-keycloak", "sandpool-management")).statusCode())
        .isEqualTo(401);
  }

  @Test
  void aGroupOfAnotherIssuerIsGivenARoleAsThePageSays() throws Exception {
    String group =
        objectId(
            "python3 -c 'import uuid; print(uuid.uuid5(uuid.NAMESPACE_URL,"
                + " \"https://keycloak.example.com/realms/agents#group:",
            "/platform",
            "/builders");
    give("Reader", group, stage.client().group("group"));
    String management = issuer.token("somebody", "sandpool-management", "/builders");

    HttpResponse<String> read = asked("GET", management);

    assertThat(read.statusCode()).as(read.body()).isEqualTo(200);
    assertThat(asked("DELETE", management).statusCode()).isEqualTo(403);
    assertThat(asked("GET", issuer.token("somebody", "sandpool-management")).statusCode())
        .isEqualTo(403);
  }

  private HttpResponse<String> asked(String method, String token) {
    return stage
        .client()
        .send(
            java.net.http.HttpRequest.newBuilder(stage.client().arm(scope("mine")))
                .header("Authorization", "Bearer " + token)
                .method(method, java.net.http.HttpRequest.BodyPublishers.noBody()));
  }

  @Test
  void codeInASandboxGetsTheTokensOfTheOtherAuthority() throws Exception {
    String said =
        pool.shell(
            "inside-01",
            "python3 -c 'import os, urllib.request as r;"
                + " print(r.urlopen(r.Request(os.environ[\"IDENTITY_ENDPOINT\"] +"
                + " \"?api-version=2019-08-01&resource=https://vault.test\","
                + " headers={\"X-IDENTITY-HEADER\":"
                + " os.environ[\"IDENTITY_HEADER\"]})).read().decode())'");

    assertThat(Json.MAPPER.readTree(said).path("access_token").asString()).startsWith("theirs-");
    Map<String, String> form =
        Arrays.stream(issuer.asked.getFirst().split("&"))
            .map(field -> field.split("=", 2))
            .collect(
                Collectors.toMap(
                    pair -> pair[0], pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
    assertThat(form)
        .containsEntry("grant_type", "client_credentials")
        .containsEntry("scope", "https://vault.test/.default");
    var shown = SignedJWT.parse(form.get("client_assertion")).getJWTClaimsSet();
    assertThat(shown.getAudience()).containsExactly("api://AzureADTokenExchange");
    assertThat(shown.getSubject())
        .isEqualTo(
            stage
                .cli()
                .ok(
                    "sandpool sessionpool show -n mine -g group -o tsv --query"
                        + " identity.principalId")
                .strip());
    assertThat(said).doesNotContain(form.get("client_assertion"));
  }
}
