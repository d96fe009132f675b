package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.e2e.engine.MicrovmGuest;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The main job in short with a virtual machine for each sandbox, in software emulation: it works,
 * and nowhere passes for more than it is.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MicrovmIsolationIT {
  private static final String CAUTION = "software emulation: slow, and no hardware boundary";

  private final Stage stage;
  private final TestPool pool;

  MicrovmIsolationIT() throws Exception {
    stage = Stage.development("microvm", MicrovmGuest.serverConfig());
    pool = stage.pool("machines", "--max-sessions 3 --ready-sessions 1");
  }

  @AfterAll
  void close() throws Exception {
    stage.close();
  }

  @Test
  void codeRunsOnAKernelOfItsOwnAsTheImagesUserWithoutCapabilities() throws IOException {
    assertThat(pool.shell("alice-1", "uname -r")).contains("cloud-amd64");
    assertThat(pool.shell("alice-1", "id -u")).isEqualTo("1000\n");
    assertThat(pool.shell("alice-1", "grep -E 'CapEff|NoNewPrivs' /proc/self/status"))
        .contains("CapEff:\t0000000000000000", "NoNewPrivs:\t1");
    assertThat(pool.shell("alice-1", "echo mine > /tmp/note; cat /tmp/note")).isEqualTo("mine\n");
    assertThat(pool.shell("alice-1", "cat /proc/cmdline"))
        .as("the kernel's command line, which any code inside may read")
        .doesNotContain("alice")
        .doesNotContain("10.");
  }

  @Test
  void itIsCalledEmulatedEverywhere() throws IOException {
    assertThat(stage.cli().ok("sandpool version")).contains("microvm", CAUTION);
    for (String shown : new String[] {"env show -n env", "sessionpool show -n machines"}) {
      assertThat(stage.cli().ok("sandpool " + shown + " -g group"))
          .contains("\"sandpoolIsolation\": \"microvm\"")
          .contains("\"sandpoolIsolationCaution\": \"" + CAUTION + "\"");
    }
    assertThat(stage.server().log()).contains("isolation microvm (" + CAUTION + ")");
  }

  @Test
  void aPoolThatAsksForAMachineIsTakenHere() {
    stage.cli().ok("sandpool sessionpool settings update -n machines -g group --isolation microvm");
    assertThat(
            stage
                .cli()
                .ok(
                    "sandpool sessionpool settings show -n machines -g group --query"
                        + " properties.isolation -o tsv"))
        .isEqualTo("microvm\n");
    assertThat(
            stage
                .cli()
                .type(
                    "sandpool sessionpool settings update -n machines -g group --isolation gvisor")
                .err())
        .as("an emulated machine is no stronger than gVisor")
        .contains("'gvisor' is more than this host has, which is 'microvm' in software emulation");
  }
}
