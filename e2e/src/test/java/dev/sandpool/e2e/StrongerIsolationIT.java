package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * A server that is started again with more isolation, over sandboxes that were started with less.
 */
class StrongerIsolationIT {
  /** What gVisor's kernel calls itself. */
  private static final String GVISOR = "Linux version 4.4.0";

  @Test
  void whoComesNowGetsItAndWhoIsThereGoesOn() throws Exception {
    String weaker = "engine: {isolation: container}\n";
    try (Stage stage = Stage.open("stronger", weaker, "--dev").importSample()) {
      TestServer server = stage.server();
      TestPool pool = stage.pool("hardened", "--max-sessions 3 --ready-sessions 1");
      String before = pool.instance("before-01");
      assertThat(pool.shell("before-01", "cat /proc/version")).doesNotContain(GVISOR);
      await("one waits for the next session, behind the host's kernel")
          .atMost(Duration.ofSeconds(30))
          .until(() -> stage.client().sandboxes("ready") == 1);

      server.kill();
      Path config = server.home().resolve("config.yml");
      Files.writeString(config, weaker.replace("container", "gvisor"));
      server.restart();

      assertThat(pool.shell("after-001", "cat /proc/version")).contains(GVISOR);
      assertThat(pool.instance("before-01")).isEqualTo(before);
      assertThat(server.log()).contains("started behind less than gvisor");
    }
  }
}
