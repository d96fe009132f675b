package dev.sandpool.e2e.engine;

import dev.sandpool.server.engine.SandboxEngine;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The contract kit on virtual machines, whose processor is emulated. */
abstract class MicrovmEngineContract extends OciEngineContract {
  private static final String PROBE = "microvm-probe.json";

  /** What the first test's engine found out, so that the others need not boot for it again. */
  private static final Path KNOWN = Path.of("target/microvm-contract-probe.json");

  @Override
  OciEngineConfig.Runtimes runtimes() {
    return OciEngineConfig.Runtimes.container();
  }

  @Override
  OciEngineConfig config() {
    return super.config().with(MicrovmGuest.emulated());
  }

  @Override
  protected SandboxEngine open() throws Exception {
    Path probe = dataDir.resolve(PROBE);
    if (Files.exists(KNOWN) && !Files.exists(probe)) {
      Files.copy(KNOWN, probe);
    }
    SandboxEngine engine = super.open();
    Files.copy(probe, KNOWN, StandardCopyOption.REPLACE_EXISTING);
    return engine;
  }
}
