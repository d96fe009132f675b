package dev.sandpool.e2e.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Hazards on gVisor. */
class GvisorEngineHazardsIT extends OciEngineHazards {
  @Override
  OciEngineConfig.Runtimes runtimes() {
    return new GvisorEngineContractIT().runtimes();
  }

  /** At the usual slack each idle sandbox would take 3 % of a core, for nothing. */
  @Test
  void idleSandboxIsWokenALittleLateAndSeldom() throws Exception {
    SandboxSpec spec = running(0, NetworkStatus.EGRESS_DISABLED, "/app/serve");
    engine.start(spec);

    ProcessHandle sandbox = kernelOf(spec.id().value());

    Path slack = Path.of("/proc", Long.toString(sandbox.pid()), "timerslack_ns");
    assertThat(slack).hasContent("2000000");
  }

  private static ProcessHandle kernelOf(String sandbox) throws IOException {
    for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
      Path line = Path.of("/proc", Long.toString(process.pid()), "cmdline");
      if (Files.isReadable(line)) {
        String words = Files.readString(line);
        if (words.startsWith("runsc-sandbox\0") && words.contains(sandbox)) {
          return process;
        }
      }
    }
    throw new AssertionError("no process of gVisor's kernel for " + sandbox);
  }
}
