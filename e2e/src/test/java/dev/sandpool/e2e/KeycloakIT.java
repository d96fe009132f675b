package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * From the built-in authority to a real Keycloak by copy and paste: the lines of docs/identity.md
 * from top to bottom. Only names are put in: where it is, secrets, the pool.
 */
class KeycloakIT {
  private static final Path PAGE = TestServer.root().resolve("docs/identity.md");
  private static final String EXAMPLE = "https://keycloak.example.com";
  private static final String SECRET = "of my app: &=%+";
  private static final Pattern BLOCK = Pattern.compile("```(sh|yaml)\n(.*?)```", Pattern.DOTALL);

  private final TestKeycloak keycloak;
  private final List<String> blocks;
  private final Stage stage;
  private final TestPool pool;
  private final TestPool other;

  /** What the lines have set, as a terminal remembers it. */
  private final Map<String, String> set = new HashMap<>();

  KeycloakIT() throws Exception {
    Path home = TestServer.newHome("keycloak");
    keycloak = new TestKeycloak(home.resolve("keycloak"));
    try {
      blocks = blocks();
      stage = Stage.open(home, blocks.get(2), "--dev", "--sandboxes", "stop").importSample();
    } catch (Exception | AssertionError e) {
      keycloak.close();
      throw e;
    }
    pool = stage.pool("mine", "--max-sessions 4 --ready-sessions 1");
    other = stage.pool("theirs", "--max-sessions 2 --ready-sessions 0");
    set.putAll(stage.cli().environment());
    set.put("SECRET", SECRET);
    set.put("SUBSCRIPTION", stage.server().admin().subscription());
    set.put("GROUP", "group");
    set.put("POOL", "mine");
    set.put("POOL_ENDPOINT", pool.endpoint());
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    keycloak.close();
    stage.close();
  }

  /** What is to be copied from the page's part on Keycloak, with its address. */
  private List<String> blocks() throws IOException {
    String page = Files.readString(PAGE);
    String part =
        page.substring(page.indexOf("\n### Keycloak\n"), page.indexOf("\n### Entra ID\n"));
    List<String> found = new ArrayList<>();
    for (var match = BLOCK.matcher(part); match.find(); ) {
      found.add(match.group(2).replace(EXAMPLE, keycloak.url()));
    }
    assertThat(found).hasSize(5);
    return found;
  }

  /** Types lines into one terminal, and keeps what they set under those names. */
  private String type(String lines, String... names) throws IOException, InterruptedException {
    var script = new StringBuilder("set -eu\n").append(lines);
    for (String name : names) {
      script
          .append("printf '%s\\n' \"$")
          .append(name)
          .append("\" > set.")
          .append(name)
          .append('\n');
    }
    ProcessBuilder builder = keycloak.command("bash", "-c", script.toString());
    builder.environment().putAll(set);
    builder
        .environment()
        .merge("PATH", TestServer.root().toString(), (old, root) -> root + ":" + old);
    Process bash = builder.redirectErrorStream(true).start();
    try {
      bash.getOutputStream().close();
      String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(bash.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(bash.exitValue()).as("%s%n%s", lines, said).isZero();
      for (String name : names) {
        set.put(
            name, Files.readString(builder.directory().toPath().resolve("set." + name)).strip());
      }
      return said;
    } finally {
      bash.destroyForcibly();
    }
  }

  private int use(TestPool used, String token) {
    return used(used, token).statusCode();
  }

  private HttpResponse<String> used(TestPool used, String token) {
    return stage
        .client()
        .send(used.bare("/?identifier=user-0001").header("Authorization", "Bearer " + token));
  }

  private int manage(String method, String token) {
    var request =
        HttpRequest.newBuilder(stage.client().arm(stage.client().pool("group", "mine")))
            .header("Authorization", "Bearer " + token)
            .method(method, HttpRequest.BodyPublishers.noBody());
    return stage.client().send(request).statusCode();
  }

  private static String key(String token) throws Exception {
    return SignedJWT.parse(token).getHeader().getKeyID();
  }

  @Test
  void aStrangerComesFromTheBuiltInAuthorityToKeycloak() throws Exception {
    keycloak.awaitReady();
    type(blocks.get(0), "APP");
    type(blocks.get(1), "PIPELINE", "PLATFORM");
    String early = keycloak.token("my-app", SECRET);
    HttpResponse<String> refused = used(pool, early);
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);

    type(blocks.get(3), "OBJECT_ID");
    assertThat(refused.body()).contains(set.get("OBJECT_ID"));
    assertThat(type(blocks.get(4), "TOKEN")).contains("\"instance\"");

    whatTheRoleSays(early);
    audiences();
    groups();
    rotatedKeys();
  }

  private void whatTheRoleSays(String token) {
    assertThat(use(pool, token)).isEqualTo(200);
    assertThat(use(other, token)).isEqualTo(403);
    assertThat(use(pool, token.substring(0, token.length() - 8) + "AAAAAAAA")).isEqualTo(401);
  }

  /** For the other plane, for both, and for neither, as a client has that nobody gave a scope. */
  private void audiences() throws Exception {
    assertThat(manage("GET", keycloak.token("my-app", SECRET))).isEqualTo(401);
    assertThat(use(pool, keycloak.token("my-pipeline", SECRET))).isEqualTo(401);
    String client =
        "kcadm.sh create clients -r agents -s clientId=%s -s secret=\"$SECRET\" -s"
            + " publicClient=false -s serviceAccountsEnabled=true -s 'defaultClientScopes=[%s]'\n";
    type(
        client.formatted("no-scope", "\"basic\"")
            + client.formatted("both", "\"basic\",\"sandpool\",\"sandpool-management\""));
    for (String name : List.of("no-scope", "both")) {
      String token = keycloak.token(name, SECRET);
      assertThat(use(pool, token)).as(name).isEqualTo(401);
      assertThat(manage("GET", token)).as(name).isEqualTo(401);
    }
  }

  private void groups() throws Exception {
    String management = keycloak.token("my-pipeline", SECRET);
    assertThat(manage("GET", management)).isEqualTo(200);
    assertThat(manage("DELETE", management)).isEqualTo(403);
    type(
        "kcadm.sh delete \"users/$(kcadm.sh get clients/$PIPELINE/service-account-user -r agents"
            + " --fields id --format csv --noquotes)/groups/$PLATFORM\" -r agents\n");
    assertThat(manage("GET", keycloak.token("my-pipeline", SECRET))).isEqualTo(403);
  }

  private void rotatedKeys() throws Exception {
    String early = keycloak.token("my-app", SECRET);
    type(
        "kcadm.sh create components -r agents -s name=next -s providerId=rsa-generated"
            + " -s providerType=org.keycloak.keys.KeyProvider -s 'config.priority=[\"1000\"]'\n");
    String next = keycloak.token("my-app", SECRET);
    assertThat(key(next)).isNotEqualTo(key(early));
    assertThat(use(pool, next)).isEqualTo(200);
    String firstSeenLater = keycloak.token("my-app", SECRET);

    keycloak.close();

    for (String token : List.of(early, next, firstSeenLater)) {
      assertThat(use(pool, token)).isEqualTo(200);
    }
  }
}
