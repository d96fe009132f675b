package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sandpool.model.Json;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/**
 * Code in a sandbox without egress gets tokens of its pool's identity, and nobody else does (G8,
 * G9).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ManagedIdentityIT {
  private static final String VAULT = "https://vault.azure.net";

  /** Asks as a client library would; {@code STATUS BODY}, or why there is no answer. */
  private static final String ASK =
      """
      import http.client, os, sys, urllib.parse
      def ask(endpoint, header, query):
          url = urllib.parse.urlsplit(endpoint)
          try:
              c = http.client.HTTPConnection(url.hostname, url.port, timeout=3)
              c.request("GET", url.path + "?" + query, headers={"X-IDENTITY-HEADER": header} if header else {})
              r = c.getresponse()
              return "%d %s" % (r.status, r.read().decode())
          except OSError as e:
              return "none " + type(e).__name__
      """;

  private final Stage stage;
  private final TestPool pool;
  private final TestPool plain;
  private final String principal;

  ManagedIdentityIT() throws Exception {
    stage = Stage.development("identity", config());
    stage.cli().ok("sandpool identity create -n one -g group -l local");
    pool =
        stage.pool(
            "withid",
            "--max-sessions 6 --ready-sessions 1 --mi-system-assigned --mi-user-assigned one");
    plain = stage.pool("without", "--max-sessions 4 --ready-sessions 1");
    principal = shown("identity.principalId");
  }

  String config() {
    return "";
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    stage.close();
  }

  private String shown(String query) {
    return stage
        .cli()
        .ok("sandpool sessionpool show -n withid -g group --query " + query + " -o tsv")
        .strip();
  }

  private static String python(TestPool pool, String identifier, String statements) {
    String script = (ASK + statements).replace("'", "'\\''");
    return pool.shell(identifier, "python3 -c '" + script + "'").strip();
  }

  private static String asked(TestPool pool, String identifier, String query) {
    return python(
        pool,
        identifier,
        "print(ask(os.environ['IDENTITY_ENDPOINT'], os.environ['IDENTITY_HEADER'], '%s'))"
            .formatted(query));
  }

  private String token(String identifier, String more) {
    return asked(pool, identifier, "api-version=2019-08-01&resource=" + VAULT + more);
  }

  private static JsonNode body(String answer) {
    assertThat(answer).startsWith("200 ");
    return Json.MAPPER.readTree(answer.substring(4));
  }

  private static String variable(TestPool pool, String identifier, String name) {
    return pool.shell(identifier, "printenv " + name + " || true").strip();
  }

  /** As a company's cloud does that trusts the authority: by what discovery says. */
  private JsonNode trusted(String token) throws Exception {
    SignedJWT jwt = SignedJWT.parse(token);
    String issuer = jwt.getJWTClaimsSet().getIssuer();
    JsonNode discovery = get(issuer + "/.well-known/openid-configuration");
    JWKSet keys = JWKSet.parse(get(discovery.path("jwks_uri").asString()).toString());
    var key = keys.getKeyByKeyId(jwt.getHeader().getKeyID()).toECKey();
    assertThat(jwt.verify(new ECDSAVerifier(key))).isTrue();
    assertThat(discovery.path("issuer").asString()).isEqualTo(issuer);
    return Json.MAPPER.readTree(Base64.getUrlDecoder().decode(jwt.getParsedParts()[1].toString()));
  }

  private JsonNode get(String url) {
    return TestClient.json(
        stage.client().send(java.net.http.HttpRequest.newBuilder(java.net.URI.create(url))));
  }

  @Test
  void codeInASandboxGetsATokenOfThePoolsOwnIdentity() throws Exception {
    JsonNode body = body(token("one-00001", ""));

    JsonNode claims = trusted(body.path("access_token").asString());
    assertThat(claims.path("sub").asString()).isEqualTo(principal);
    assertThat(claims.path("oid").asString()).isEqualTo(principal);
    assertThat(claims.path("aud").asString()).isEqualTo(VAULT);
    assertThat(claims.path("azp").asString()).isEqualTo(body.path("client_id").asString());
    assertThat(body.path("expires_on").stringValue()).isEqualTo(claims.path("exp").asString());
    assertThat(body.path("resource").asString()).isEqualTo(VAULT);
    assertThat(body.path("token_type").asString()).isEqualTo("Bearer");
  }

  @Test
  void aUserAssignedIdentityIsNamedByItsClientId() throws Exception {
    String shown = "sandpool identity show -n one -g group -o tsv --query ";
    String client = stage.cli().ok(shown + "clientId").strip();
    JsonNode claims =
        trusted(body(token("one-00001", "&client_id=" + client)).path("access_token").asString());

    assertThat(claims.path("sub").asString())
        .isEqualTo(stage.cli().ok(shown + "principalId").strip())
        .isNotEqualTo(principal);
  }

  @Test
  void theOfficialLibraryInsideASandboxFindsTheIdentityByItself() throws Exception {
    stage.importImage(
        JavaImage.make(
            stage.server().home(),
            AzureIdentityProgram.class,
            jar -> jar.matches("(azure|msal4j|reactor|reactive|jackson|slf4j-api|jna).*")),
        "java:1");
    stage
        .cli()
        .ok(
            Stage.create(
                "java",
                "--image java:1 --target-port 8080 --max-sessions 2 --ready-sessions 1"
                    + " --mi-system-assigned --mi-user-assigned one"));
    TestPool java = stage.find("java");
    String program =
        "%s -cp \"%s\" %s %s/.default"
            .formatted(
                JavaImage.JAVA, JavaImage.CLASS_PATH, AzureIdentityProgram.class.getName(), VAULT);

    assertThat(subject(java.shell("java-00001", program)))
        .isEqualTo(
            stage
                .cli()
                .ok(
                    "sandpool sessionpool show -n java -g group -o tsv --query"
                        + " identity.principalId")
                .strip());
    String shown = "sandpool identity show -n one -g group -o tsv --query ";
    String client = stage.cli().ok(shown + "clientId").strip();
    assertThat(subject(java.shell("java-00001", program + " " + client)))
        .isEqualTo(stage.cli().ok(shown + "principalId").strip());
    stage.delete("java");
  }

  private String subject(String said) throws Exception {
    assertThat(said).containsPattern("(?m)^token=ey");
    JsonNode claims = trusted(said.replaceAll("(?sm).*^token=(\\S+).*", "$1"));
    assertThat(claims.path("aud").asString()).isEqualTo(VAULT);
    return claims.path("sub").asString();
  }

  @Test
  void withoutTheHeaderOrWithAnotherThereIsNoToken() {
    String said =
        python(
            pool,
            "one-00001",
            """
            for header in (None, "", "x", os.environ["IDENTITY_HEADER"][:-1]):
                print(ask(os.environ["IDENTITY_ENDPOINT"], header, "api-version=2019-08-01&resource=x"))
            """);

    assertThat(said.lines()).hasSize(4).allMatch(line -> line.startsWith("401 "));
    body(token("one-00001", ""));
  }

  @Test
  void aSandboxReachesNoOtherSandboxsEndpointAlsoWithItsSecret() {
    String endpoint = variable(pool, "victim-01", "IDENTITY_ENDPOINT");
    String header = variable(pool, "victim-01", "IDENTITY_HEADER");
    String attack =
        "print(ask('%s', '%s', 'api-version=2019-08-01&resource=x'))".formatted(endpoint, header);

    // A neighbour of the same pool, and one whose pool has no identity.
    assertThat(python(pool, "two-00001", attack)).startsWith("none ");
    assertThat(python(plain, "plain-0001", attack)).startsWith("none ");
    assertThat(python(pool, "victim-01", attack)).startsWith("200 ");
  }

  @Test
  void aSecretOfAnotherSandboxIsWorthNothing() {
    String header = variable(pool, "victim-01", "IDENTITY_HEADER");

    assertThat(
            python(
                pool,
                "two-00001",
                "print(ask(os.environ['IDENTITY_ENDPOINT'], '%s', 'api-version=2019-08-01&resource=x'))"
                    .formatted(header)))
        .startsWith("401 ");
  }

  @Test
  void aPoolWithoutIdentityHasNeitherVariablesNorAnEndpoint() {
    assertThat(variable(plain, "plain-0001", "IDENTITY_ENDPOINT")).isEmpty();
    assertThat(variable(plain, "plain-0001", "IDENTITY_HEADER")).isEmpty();
    // Its own gateway is the address below its own.
    String own = plain.shell("plain-0001", "grep ^10 /etc/hosts | cut -d\" \" -f1").strip();
    assertThat(own).matches("10\\.[0-9.]+");
    String host = below(own);
    assertThat(
            python(
                plain,
                "plain-0001",
                "print(ask('http://%s:42356/msi/token', 'x', 'resource=x'))".formatted(host)))
        .startsWith("none ");
  }

  private static String below(String address) {
    int dot = address.lastIndexOf('.') + 1;
    return address.substring(0, dot) + (Integer.parseInt(address.substring(dot)) - 1);
  }

  @Test
  void noOtherPortOfTheHostOpensWithIt() throws Exception {
    try (var everywhere = new ServerSocket(0)) {
      everywhere.setSoTimeout(200);
      String said =
          python(
              pool,
              "one-00001",
              """
              host = urllib.parse.urlsplit(os.environ["IDENTITY_ENDPOINT"]).hostname
              print(ask("http://%%s:%d/" %% host, "x", "a=b"))
              """
                  .formatted(everywhere.getLocalPort()));

      assertThat(said).startsWith("none ");
      assertThat(arrived(everywhere)).isFalse();
      body(token("one-00001", ""));
    }
  }

  private static boolean arrived(ServerSocket socket) throws IOException {
    try {
      socket.accept().close();
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    }
  }

  @Test
  void theServerGoesNowhereThatTheResourceNames() throws Exception {
    try (var bait = new ServerSocket(0)) {
      bait.setSoTimeout(300);
      String url = "http://127.0.0.1:" + bait.getLocalPort() + "/latest";
      JsonNode body = body(asked(pool, "one-00001", "api-version=2019-08-01&resource=" + url));

      assertThat(trusted(body.path("access_token").asString()).path("aud").asString())
          .isEqualTo(url);
      assertThat(arrived(bait)).as("the server asked %s", url).isFalse();
    }
  }

  @Test
  void theEndpointIsGoneWithItsSandbox() throws Exception {
    String endpoint = variable(pool, "gone-00001", "IDENTITY_ENDPOINT");
    assertThat(listening(endpoint)).isTrue();

    pool.stop("gone-00001");

    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(listening(endpoint)).isFalse());
  }

  /** Whether a socket of this host listens at the endpoint's address, as the kernel has it. */
  private static boolean listening(String endpoint) throws IOException {
    java.net.URI uri = java.net.URI.create(endpoint);
    byte[] address = java.net.Inet4Address.ofLiteral(uri.getHost()).getAddress();
    String local =
        "%02X%02X%02X%02X:%04X"
            .formatted(address[3], address[2], address[1], address[0], uri.getPort());
    // In the table of IPv6 too, an IPv4 address ends like this.
    return Stream.concat(
            Files.readAllLines(Path.of("/proc/net/tcp")).stream(),
            Files.readAllLines(Path.of("/proc/net/tcp6")).stream())
        .map(line -> line.strip().split("\\s+"))
        .anyMatch(fields -> fields[1].endsWith(local) && fields[3].equals("0A"));
  }

  @Test
  void aServerThatWasKilledAnswersItsSandboxesAgain() throws Exception {
    body(token("again-0001", ""));
    String sandbox = pool.sandbox("again-0001");

    stage.server().kill();
    stage.server().restart();

    body(token("again-0001", ""));
    assertThat(pool.sandbox("again-0001")).isEqualTo(sandbox);
  }

  @Test
  void askingForTokensDoesNotKeepASessionAlive() {
    TestPool brief =
        stage.pool(
            "brief",
            "--max-sessions 2 --ready-sessions 1 --cooldown-period 3 --mi-system-assigned");
    body(asked(brief, "idle-00001", "api-version=2019-08-01&resource=x"));
    brief.shell(
        "idle-00001",
        "nohup python3 -c '"
            + (ASK
                    + """
                    import time
                    while True:
                        ask(os.environ["IDENTITY_ENDPOINT"], os.environ["IDENTITY_HEADER"], "api-version=2019-08-01&resource=x")
                        time.sleep(1)
                    """)
                .replace("'", "'\\''")
            + "' >/dev/null 2>&1 &");

    await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(() -> assertThat(brief.sandboxNow("idle-00001")).isEmpty());
  }
}
