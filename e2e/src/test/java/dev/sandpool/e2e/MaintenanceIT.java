package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Copies and keys of a server that has sessions: both as an operator's commands. */
class MaintenanceIT {
  private static final String SECRET = "kept-Secret-91ab";

  private final Stage stage;
  private final TestServer server;
  private final TestPool pool;
  private final Path copy;

  MaintenanceIT() throws Exception {
    stage = Stage.open("maintenance", "", "--dev").importSample();
    server = stage.server();
    copy = server.home().resolve("copy.db");
    pool =
        stage.pool(
            "lasting",
            "--max-sessions 5 --ready-sessions 1 --secrets token="
                + SECRET
                + " --env-vars TOKEN=secretref:token");
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    stage.close();
  }

  @Test
  void sessionsLoginsAndSecretsOutliveAnotherKeyAndACopyComesBack() throws Exception {
    String instance = pool.instance("user-0001");
    command("backup", copy.toString());
    assertThat(Files.readString(copy, StandardCharsets.ISO_8859_1))
        .contains("lasting")
        .doesNotContain(SECRET, "user-0001");
    stop();
    byte[] before = Files.readAllBytes(key());
    command("rotate-key");
    assertThat(Files.readAllBytes(key())).isNotEqualTo(before);
    server.restart();

    try (var again = new TestClient(server)) {
      var same = new TestPool(again, pool.name(), pool.endpoint());
      assertThat(same.instance("user-0001")).isEqualTo(instance);
      assertThat(same.shell("user-0002", "echo $TOKEN").strip()).isEqualTo(SECRET);
    }
    Path fresh = server.home().resolve("fresh.db");
    command("backup", fresh.toString());
    stage.delete("lasting");
    stop();
    command("restore", fresh.toString());
    server.restart();
    assertThat(stage.find("lasting").shell("user-0003", "echo $TOKEN").strip()).isEqualTo(SECRET);
  }

  private Path key() {
    return server.dataDirectory().resolve("server/data.key");
  }

  private void stop() throws Exception {
    server.terminate();
    server.awaitEnd();
  }

  private void command(String... words) throws Exception {
    String[] ends = {"--data-dir", server.dataDirectory().toString()};
    String[] launcher = {TestServer.root().resolve("sandpool").toString()};
    Shell.run(server.home(), Shell.join(launcher, words, ends));
  }
}
