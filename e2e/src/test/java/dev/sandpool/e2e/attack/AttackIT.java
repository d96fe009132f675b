package dev.sandpool.e2e.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.e2e.Stage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Nothing of the kit gets out of a sandbox, and all of it would if the walls were not there. */
class AttackIT {
  static void holds(String isolation, String program) throws Exception {
    String said = HostBox.attack(isolation, program, Stage.sampleArchive(), Path.of("target"));
    Path table = Path.of("target", "attack-" + isolation + ".md");
    if (Files.exists(table)) {
      System.out.println(Files.readString(table));
    }
    assertThat(said).isEmpty();
  }

  @Test
  void gvisorHolds() throws Exception {
    holds(
        "gvisor",
        Optional.ofNullable(System.getProperty("SANDPOOL_RUNSC", System.getenv("SANDPOOL_RUNSC")))
            .orElse("-"));
  }

  @Test
  void runcHoldsForTrustedCode() throws Exception {
    holds("container", "-");
  }
}
