package dev.sandpool.server;

import dev.sandpool.model.Isolation;
import dev.sandpool.server.config.EngineSettings;
import dev.sandpool.server.config.ServerConfig;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import java.nio.file.Path;
import java.util.Optional;

/** The engine's part of the configuration, in the engine's words. */
final class EngineConfigs {
  /** Names gVisor's runtime where the configuration does not; {@code ./dev} sets it. */
  private static final String RUNSC = "SANDPOOL_RUNSC";

  private EngineConfigs() {}

  static OciEngineConfig of(ServerConfig config, DataDirectory directory) {
    EngineSettings engine = config.engine();
    Isolation asked = engine.isolation().orElse(Isolation.GVISOR_HOSTNET);
    var runtimes =
        new OciEngineConfig.Runtimes(
            asked == Isolation.CONTAINER ? Isolation.CONTAINER : Isolation.GVISOR,
            engine.runsc().or(() -> Optional.ofNullable(System.getenv(RUNSC)).map(Path::of)),
            engine.runc());
    OciEngineConfig defaults = OciEngineConfig.of(directory.root(), directory.instance());
    return defaults
        .with(runtimes)
        .with(new OciEngineConfig.Bounds(engine.consoleBytes(), defaults.bounds().processes()));
  }
}
