package dev.sandpool.server;

import dev.sandpool.server.config.ServerConfig;
import dev.sandpool.server.doctor.Checkup;
import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.linux.TimeSlice;
import dev.sandpool.server.network.SandboxNetwork;
import java.io.IOException;
import java.nio.file.Path;

/** Of an engine's start, what needs no rights on the host and leaves nothing there. */
final class EngineRehearsal {
  private EngineRehearsal() {}

  /**
   * @param notes an empty folder, in the place of the engine's own
   */
  static void play(ServerConfig config, Path notes) {
    try {
      TimeSlice.shortenForAllThatIsStarted();
      var settings = new EnginePartSettings(config);
      var checkup = new Checkup(settings.host());
      checkup.requireTools();
      checkup.requireAtStart(notes);
      checkup.warnAtStart();
      var engine = settings.engine(notes, settings.host().engine().instance());
      SandboxNetwork.freeRange(notes, engine.instance(), engine.network().range());
    } catch (EngineUnavailableException | IOException | RuntimeException e) {
      // What builds Sandpool need not be able to run it; what was played so far is kept. On an odd
      // host it fails in odd ways, and the server's own part is worth playing there, too.
      return;
    }
  }
}
