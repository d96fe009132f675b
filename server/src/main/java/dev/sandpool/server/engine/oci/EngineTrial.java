package dev.sandpool.server.engine.oci;

import dev.sandpool.model.InstanceId;
import dev.sandpool.server.engine.EngineInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Tries on this host what a server's engine does at its start: claims addresses, puts the rules in
 * force and starts something with the runtime, all under a name of its own. Leaves nothing.
 */
public final class EngineTrial {
  private EngineTrial() {}

  /**
   * Runs the trial, which takes 0.3 to 30 s.
   *
   * @param wished runtimes and network of the real server; its data directory is not touched
   * @throws EngineUnavailableException saying in one sentence what this host lacks
   */
  public static EngineInfo run(OciEngineConfig wished)
      throws EngineUnavailableException, IOException {
    InstanceId instance = InstanceId.random(RandomGenerator.getDefault());
    Path folder = Files.createTempDirectory("sandpool-trial");
    try {
      EngineSetup setup =
          EngineSetup.of(
              new OciEngineConfig(
                  folder,
                  instance,
                  wished.runtimes(),
                  OciEngineConfig.Bounds.defaults(),
                  wished.network(),
                  wished.vessel()));
      try {
        return setup.info();
      } finally {
        setup.watcher().close();
        // Once more, where something of the trial did not die at once.
        setup.removal().reclaim(Set.of());
        setup.network().remove();
        setup.cgroups().removeRoots();
        setup.network().close();
      }
    } finally {
      FolderRemoval.remove(folder);
    }
  }
}
