package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The main job in short with runc: it works, and nowhere passes for more than it is. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContainerIsolationIT {
  private final Stage stage;
  private final TestPool pool;

  ContainerIsolationIT() throws Exception {
    stage = Stage.development("container", "engine:\n  isolation: container\n");
    pool = stage.pool("plain", "--max-sessions 5 --ready-sessions 2");
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    stage.close();
  }

  @Test
  void itIsCalledAContainerEverywhere() throws IOException {
    assertThat(
            stage
                .cli()
                .ok(
                    "sandpool sessionpool show -n plain -g group -o tsv"
                        + " --query properties.sandpoolIsolation"))
        .isEqualTo("container\n");
    assertThat(stage.cli().ok("sandpool version")).contains("container").doesNotContain("gvisor");
    assertThat(
            TestClient.json(stage.client().arm("GET", "/sandpool/version", null))
                .path("isolation")
                .asString())
        .isEqualTo("container");
    assertThat(stage.server().log())
        .contains("isolation container")
        .doesNotContain("isolation gvisor");
  }

  @Test
  void twoIdentifiersShareNeitherFilesNorProcessesNorNames() {
    pool.shell("alice-1", "echo mine > /tmp/note; sleep 4242 >/dev/null 2>&1 &");
    assertThat(pool.shell("alice-1", "cat /tmp/note")).isEqualTo("mine\n");
    assertThat(pool.shell("bob-0001", "ls /tmp")).doesNotContain("note");
    assertThat(pool.shell("bob-0001", "cat /proc/[0-9]*/cmdline | tr '\\000' ' '"))
        .doesNotContain("sleep 4242");
    assertThat(pool.shell("bob-0001", "hostname")).isNotEqualTo(pool.shell("alice-1", "hostname"));
  }

  @Test
  void aStoppedIdentifierGetsAFreshSandbox() {
    String before = pool.instance("stop-0001");
    pool.stop("stop-0001");
    assertThat(pool.instance("stop-0001")).isNotEqualTo(before);
  }

  @Test
  void itsFilesBelongToTheImagesUserAndItHasNoCapabilities() {
    assertThat(pool.shell("user-0001", "id -u")).isEqualTo("1000\n");
    assertThat(pool.shell("user-0001", "grep -E 'CapEff|NoNewPrivs|^Seccomp:' /proc/self/status"))
        .contains("CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2");
  }
}
