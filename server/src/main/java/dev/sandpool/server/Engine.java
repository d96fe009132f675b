package dev.sandpool.server;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.config.ServerConfig;
import dev.sandpool.server.doctor.Checkup;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.microvm.MicrovmConfig;
import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.engine.oci.OciEngine;
import dev.sandpool.server.engine.oci.RootStore;
import dev.sandpool.server.engine.remote.EngineHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The part of the server that has rights on the host, put together. */
final class Engine implements AutoCloseable {
  private final Parts parts;
  private final Checkup checkup;
  private final OciEngine engine;
  private final EngineSocket socket;
  private final Path folder;

  private Engine(Parts parts, Checkup checkup, OciEngine engine, EngineSocket socket, Path folder) {
    this.parts = parts;
    this.checkup = checkup;
    this.engine = engine;
    this.socket = socket;
    this.folder = folder;
  }

  /**
   * Starts it and returns when it can be called.
   *
   * @param foldersReady run once the server's folders are there, so that it can be started too
   * @throws EngineUnavailableException saying what this host lacks; the data directory is there all
   *     the same, unless it is a program that is missing
   * @throws IOException also if another server has the data directory
   */
  static Engine start(ServerConfig config, ServerUser user, Runnable foldersReady)
      throws IOException, EngineUnavailableException {
    var parts = new Parts();
    boolean started = false;
    try {
      Engine engine = assemble(config, user, foldersReady, parts);
      started = true;
      return engine;
    } finally {
      if (!started) {
        parts.close();
      }
    }
  }

  /**
   * Frees everything that a server with this data has on the host while neither part of it runs:
   * its sessions are lost, its images stay.
   *
   * @return the names of the sandboxes that were there
   * @throws IOException as {@link #start}, and naming what is left
   */
  static List<String> reclaim(ServerConfig config, ServerUser user)
      throws IOException, EngineUnavailableException {
    Path serversLock = config.run().dataDirectory().resolve("server/lock");
    try (Engine engine = start(config, user, () -> {});
        @Nullable DirectoryLock held =
            exists(serversLock) ? DirectoryLock.hold(serversLock) : null) {
      List<String> freed = engine.engine.reclaim(Set.of());
      List<SandboxId> left = engine.engine.running().stream().map(RunningSandbox::id).toList();
      if (!left.isEmpty()) {
        throw new IOException("the sandboxes " + left + " cannot be freed; see the log");
      }
      // What a claim could be mistaken for is gone with the last sandbox.
      new HostTraces(engine.socket.serversOwn(), serversLock.resolveSibling("boot")).remove();
      engine.engine.leave();
      MicrovmConfig.forgetSnapshots(engine.folder);
      return freed;
    }
  }

  private static boolean exists(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  private static Engine assemble(
      ServerConfig config, ServerUser user, Runnable foldersReady, Parts parts)
      throws IOException, EngineUnavailableException {
    var settings = new EnginePartSettings(config);
    var checkup = new Checkup(settings.host());
    checkup.requireTools();
    HostDirectory directory =
        parts.closing("data directory", HostDirectory.open(config.run().dataDirectory(), user));
    EngineSocket socket = EngineSocket.of(directory.instance()).prepare(user);
    parts.closing("engine's socket's folder", socket::remove);
    foldersReady.run();
    checkup.requireAtStart(directory.engine());
    if (!settings.machines()) {
      MicrovmConfig.forgetSnapshots(directory.engine());
    }
    RootStore roots =
        RootStore.open(
            directory.roots(), directory.imageWork(), directory.instance(), settings.roots());
    parts.closing("unpacked images", roots::unmount);
    OciEngine engine =
        parts.closing(
            "engine",
            OciEngine.open(settings.engine(directory.engine(), directory.instance()), roots));
    settings.requireIsolation(engine.info().isolation());
    parts.closing("engine's calls", EngineHost.open(socket.path(), user.uid(), engine, roots));
    return new Engine(parts, checkup, engine, socket, directory.engine());
  }

  /** Where it is called. */
  Path socket() {
    return socket.path();
  }

  /** Says in the log what of this host it could do without, and would be better with. */
  void warnOfHost() {
    checkup.warnAtStart();
  }

  @Override
  public void close() {
    parts.close();
  }
}
