package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.engine.MicrovmGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Sessions in virtual machines that are lost, or forgotten half, when the server is killed. */
class MicrovmRestartIT {
  private static final Duration SLOWLY = Duration.ofMinutes(3);

  @Test
  void aCloneServesItsSessionAfterEachPartOfTheServerWasKilled() throws Exception {
    try (Stage stage =
        Stage.open("machines", MicrovmGuest.serverConfig(), "--dev").importSample()) {
      TestServer server = stage.server();
      TestPool pool = stage.pool("lasting", "--max-sessions 3 --ready-sessions 1");
      await("the first machine")
          .atMost(SLOWLY)
          .until(() -> pool.get("/", "lasting-1").statusCode() == 200);
      pool.shell("lasting-1", "echo of-before > /tmp/state");
      String before = pool.instance("lasting-1");
      String sandbox = server.instance().prefix() + pool.sandbox("lasting-1");
      assertThat(isClone(server, sandbox)).isTrue();

      for (String part : server.processes().keySet()) {
        server.kill(part);
        server.recover();
        assertThat(pool.instance("lasting-1")).as("after %s was killed", part).isEqualTo(before);
      }

      assertThat(pool.shell("lasting-1", "cat /tmp/state")).isEqualTo("of-before\n");
      assertThat(server.namespaces()).contains(sandbox);
    }
  }

  private static boolean isClone(TestServer server, String sandbox) throws IOException {
    try (Stream<Path> files = Files.walk(server.dataDirectory())) {
      return files.anyMatch(file -> file.endsWith(Path.of("sandboxes", sandbox, "snapshot")));
    }
  }
}
