package dev.sandpool.server;

import dev.sandpool.server.config.ServerConfig;
import dev.sandpool.server.doctor.Checkup;
import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.engine.oci.OciEngine;
import dev.sandpool.server.engine.oci.RootStore;
import dev.sandpool.server.engine.remote.EngineHost;
import java.io.IOException;
import java.nio.file.Path;

/** The part of the server that has rights on the host, put together. */
final class Engine implements AutoCloseable {
  private final Parts parts;
  private final Path socket;

  private Engine(Parts parts, Path socket) {
    this.parts = parts;
    this.socket = socket;
  }

  /**
   * Starts it and returns when it can be called.
   *
   * @throws EngineUnavailableException saying what this host lacks
   * @throws IOException also if another server has the data directory
   */
  static Engine start(ServerConfig config, ServerUser user)
      throws IOException, EngineUnavailableException {
    var parts = new Parts();
    boolean started = false;
    try {
      Engine engine = assemble(config, user, parts);
      started = true;
      return engine;
    } finally {
      if (!started) {
        parts.close();
      }
    }
  }

  private static Engine assemble(ServerConfig config, ServerUser user, Parts parts)
      throws IOException, EngineUnavailableException {
    var settings = new EnginePartSettings(config);
    new Checkup(settings.host()).requireAtStart();
    HostDirectory directory =
        parts.closing("data directory", HostDirectory.open(config.run().dataDirectory(), user));
    RootStore roots =
        RootStore.open(
            directory.roots(), directory.imageWork(), directory.instance(), settings.roots());
    parts.closing("unpacked images", roots::unmount);
    OciEngine engine =
        parts.closing(
            "engine",
            OciEngine.open(settings.engine(directory.engine(), directory.instance()), roots));
    settings.requireIsolation(engine.info().isolation());
    EngineSocket socket = EngineSocket.of(directory.instance()).prepare(user);
    parts.closing("engine's socket's folder", socket::remove);
    parts.closing("engine's calls", EngineHost.open(socket.path(), user.uid(), engine, roots));
    return new Engine(parts, socket.path());
  }

  /** Where it is called. */
  Path socket() {
    return socket;
  }

  @Override
  public void close() {
    parts.close();
  }
}
