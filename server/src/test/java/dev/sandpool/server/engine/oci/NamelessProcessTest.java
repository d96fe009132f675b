package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Any user of the host, and root in a sandbox that shares the host's kernel, may start a program
 * under no name: that must not keep the engine from finding what it has to kill.
 */
class NamelessProcessTest {
  private static final String NAME = "sptestnameless";

  private static Process start(String... command) throws IOException {
    return new ProcessBuilder(command).start();
  }

  private static void untilItsArgumentsAre(Process process, String arguments) {
    Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
    await().until(() -> Files.readString(file).equals(arguments));
  }

  @Test
  void itIsPassedOverAndTheOthersAreKilled() throws Exception {
    Process nameless = start("bash", "-c", "exec -a '' cat");
    Process tool = start("sh", "-c", "read end", NAME);
    Process stranger = start("bash", "-c", "read end", NAME);
    try {
      untilItsArgumentsAre(nameless, "\0");
      untilItsArgumentsAre(tool, "sh\0-c\0read end\0" + NAME + "\0");

      NamedProcesses.kill(Set.of(NAME));

      assertThat(tool.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(nameless.isAlive()).isTrue();
      assertThat(stranger.isAlive()).as("it is none of the engine's tools").isTrue();
    } finally {
      for (Process process : new Process[] {nameless, tool, stranger}) {
        process.destroyForcibly().waitFor();
      }
    }
  }
}
