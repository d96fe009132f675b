package dev.sandpool.e2e.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.e2e.Leftovers;
import dev.sandpool.model.InstanceId;
import dev.sandpool.model.Isolation;
import dev.sandpool.server.engine.oci.OciEngine;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import dev.sandpool.server.linux.Mounts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * That the guest of {@code ./dev test-vm} is what its results are taken for. Only the guest's list
 * names it: other hosts of tests may be different.
 */
class UsersHost {
  @TempDir(cleanup = CleanupMode.NEVER)
  Path dataDir = Path.of("/nonexistent");

  @Test
  void cgroupsAreOfVersionTwoAloneAndSystemdIsTheFirstProcess() throws Exception {
    assertThat(Mounts.all())
        .extracting(Mounts.Mount::type)
        .contains("cgroup2")
        .doesNotContain("cgroup");
    assertThat(Path.of("/proc/1/comm")).content().isEqualTo("systemd\n");
  }

  @Test
  void gvisorEarnsTheLabelOfItsOwnNetworkStack() throws Exception {
    var instance = InstanceId.random(RandomGenerator.getDefault());
    var runtimes =
        new OciEngineConfig.Runtimes(
            Isolation.GVISOR, GvisorEngineContractIT.runsc(), Optional.empty());
    var config = OciEngineConfig.of(dataDir, instance).with(runtimes);
    try (OciEngine engine =
        OciEngine.open(config, new TinyImage("sha256:" + "3".repeat(64), "root"))) {
      assertThat(engine.info().isolation()).isEqualTo(Isolation.GVISOR);
      // Not hidden from it: this kernel's gVisor needs no help, and the probe finds that out.
      assertThat(Files.readString(dataDir.resolve("engine-probe.json")))
          .contains("\"hideRmem\":false");
      engine.leave();
    }
    assertThat(Leftovers.of(instance, dataDir)).isEmpty();
    Leftovers.delete(dataDir);
  }
}
