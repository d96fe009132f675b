package dev.sandpool.e2e.engine;

import dev.sandpool.model.Isolation;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import java.nio.file.Path;
import java.util.Optional;

/** The engine on gVisor; {@code SANDPOOL_RUNSC} names the program where it is not installed. */
class GvisorEngineContractIT extends OciEngineContract {
  @Override
  OciEngineConfig.Runtimes runtimes() {
    return new OciEngineConfig.Runtimes(Isolation.GVISOR, runsc(), Optional.empty());
  }

  static Optional<Path> runsc() {
    return Optional.ofNullable(
            System.getProperty("SANDPOOL_RUNSC", System.getenv("SANDPOOL_RUNSC")))
        .map(Path::of);
  }
}
