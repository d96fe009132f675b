package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * The main job in short with runc: it works, nowhere passes for more than it is, and its sandboxes,
 * which have the kernel's own network stack, reach no more than the others.
 */
class ContainerIsolationIT extends EgressIT {
  ContainerIsolationIT() throws Exception {}

  @Override
  String config() {
    return "engine:\n  isolation: container\n";
  }

  @Test
  void itIsCalledAContainerEverywhere() throws IOException {
    assertThat(
            stage
                .cli()
                .ok(
                    "sandpool sessionpool show -n closed -g group -o tsv"
                        + " --query properties.sandpoolIsolation"))
        .isEqualTo("container\n");
    assertThat(stage.cli().ok("sandpool version"))
        .contains("container", "for trusted code only")
        .doesNotContain("gvisor");
    for (String shown : new String[] {"env show -n env", "sessionpool show -n closed"}) {
      assertThat(stage.cli().ok("sandpool " + shown + " -g group"))
          .contains("\"sandpoolIsolationCaution\": \"for trusted code only\"");
    }
    assertThat(
            TestClient.json(stage.client().arm("GET", "/sandpool/version", null))
                .path("isolation")
                .asString())
        .isEqualTo("container");
    assertThat(stage.server().log())
        .contains("isolation container (for trusted code only)")
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
