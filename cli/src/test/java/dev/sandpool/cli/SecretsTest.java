package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest extends CliTestBase {
  private static final String CREATE =
      "sandpool sessionpool create -n p -g my-group --environment my-environment --target-port 80"
          + " --registry-server r.example.com --registry-username me --registry-password ";

  @ParameterizedTest
  @ValueSource(strings = {"typed", "file", "input"})
  void passwordComesFromWhereverItIsAndIsNeverShown(String source) throws IOException {
    server.on("PUT " + StubServer.pool("p"), 200, POOL);
    Path file = Files.writeString(home.resolve("password.txt"), "p4ss word\n");
    user.input = "p4ss word\n";
    String argument =
        switch (source) {
          case "file" -> "@" + file;
          case "input" -> "-";
          default -> "\"p4ss word\"";
        };
    var done = user.type(CREATE + argument + " --debug");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(server.the("PUT " + StubServer.pool("p")).body())
        .contains("\"value\":\"p4ss word\"");
    assertThat(done.out() + done.err())
        .contains("DEBUG: PUT")
        .doesNotContain("p4ss")
        .doesNotContain("token-1")
        .doesNotContain("hidden-1");
  }

  @Test
  void secondHalfOfAnUnquotedPasswordIsNotEchoed() {
    var failed = user.type(CREATE + "p4ss word2");
    assertThat(failed.code()).isEqualTo(2);
    assertThat(failed.err()).doesNotContain("word2").doesNotContain("p4ss");
  }

  @Test
  void missingPasswordFileIsNamed() {
    var failed = user.type(CREATE + "@/nowhere/at/all");
    assertThat(failed.err()).contains("there is no file /nowhere/at/all");
    assertThat(server.lines()).doesNotContain("PUT " + StubServer.pool("p"));
  }

  @Test
  void tokenIsAskedForOnceAndKeptInAFileForTheUserAlone() throws IOException {
    user.type("sandpool sessionpool show -n p -g my-group");
    user.type("sandpool sessionpool show -n p -g my-group");
    assertThat(server.lines().stream().filter(line -> line.endsWith("/token"))).hasSize(1);
    try (var files = Files.list(home.resolve(".cache/sandpool/tokens"))) {
      assertThat(files.toList())
          .singleElement()
          .satisfies(
              file ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                      .isEqualTo("rw-------"));
    }
    user.now = User.NOW.plusSeconds(3600 - 100);
    user.type("sandpool sessionpool show -n p -g my-group");
    assertThat(server.lines().stream().filter(line -> line.endsWith("/token"))).hasSize(2);
  }

  @Test
  void tokenThatANewServerRefusesIsReplaced() {
    String all = "GET /subscriptions/sub-1/providers/Microsoft.App/sessionPools";
    server.on(all, 401, "{\"error\":{\"code\":\"Unauthenticated\",\"message\":\"unknown key\"}}");
    server.on(all, 200, "{\"value\":[]}");
    assertThat(user.type("sandpool sessionpool list").out()).isEqualTo("[]\n");
    assertThat(server.lines().stream().filter(line -> line.endsWith("/token"))).hasSize(2);
  }

  @Test
  void refusedLoginSaysWhereTheLoginCameFromWithoutItsSecret() {
    try (var strict = new StubServer()) {
      var other = new User(home, strict.url() + "/missing");
      var failed = other.type("sandpool token --debug");
      assertThat(failed.code()).isEqualTo(1);
      assertThat(failed.err()).contains("admin.json").doesNotContain("hidden-1");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void tokenCommandPrintsTheTokenAndNothingElse() {
    var token = user.type("sandpool token");
    assertThat(token.out()).isEqualTo("token-1\n");
    assertThat(token.err()).isEmpty();
    user.type("sandpool token --resource https://management.azure.com/");
    assertThat(server.seen().stream().map(StubServer.Seen::body))
        .anyMatch(body -> body.contains("scope=https%3A%2F%2Fmanagement.azure.com%2F%2F.default"));
  }
}
