package dev.sandpool.server;

import dev.sandpool.model.Isolation;
import dev.sandpool.server.config.EngineSettings;
import dev.sandpool.server.config.ServerConfig;
import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import dev.sandpool.server.network.Ipv4Range;
import dev.sandpool.server.network.NetworkConfig;
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
    NetworkConfig network =
        new NetworkConfig(
            config.network().range().map(range -> Ipv4Range.parse(range.toString())),
            defaults.network().resolvers(),
            defaults.network().allowed());
    return defaults
        .with(network)
        .with(runtimes)
        .with(new OciEngineConfig.Bounds(engine.consoleBytes(), defaults.bounds().processes()));
  }

  /**
   * Refuses an engine that earned less than was asked for: nothing is quietly lowered.
   *
   * @throws EngineUnavailableException naming both
   */
  static void requireIsolation(ServerConfig config, Isolation earned)
      throws EngineUnavailableException {
    Isolation asked = config.engine().isolation().orElse(Isolation.GVISOR_HOSTNET);
    if (earned.compareTo(asked) < 0) {
      throw new EngineUnavailableException(
          "engine.isolation asks for '%s', and this host has '%s'".formatted(asked, earned));
    }
  }
}
