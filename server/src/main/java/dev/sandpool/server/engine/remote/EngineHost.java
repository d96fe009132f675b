package dev.sandpool.server.engine.remote;

import dev.sandpool.model.Json;
import dev.sandpool.server.engine.ConsoleChunk;
import dev.sandpool.server.engine.SandboxEngine;
import dev.sandpool.server.image.ImageRoots;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An engine at a Unix domain socket: the one door from the part of the server that reads requests
 * to the part that has rights on the host. It keeps nothing and believes nothing: who calls is told
 * by the kernel, and what is called are ids, digests and numbers.
 */
public final class EngineHost implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineHost.class);

  /** A caller may not take all of this process's descriptors. */
  private static final int CONNECTIONS = 128;

  /** Each takes one of the few watches that the kernel gives to a user, here root. */
  private static final int FOLLOWERS = 32;

  /** Of one console in one answer, which is held in memory. */
  private static final int CHUNK = 1 << 20;

  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Path socket;
  private final ServerSocketChannel door;
  private final UserPrincipal caller;
  private final SandboxEngine engine;
  private final ImageRoots roots;
  private final Semaphore connections = new Semaphore(CONNECTIONS);
  private final Semaphore followers = new Semaphore(FOLLOWERS);
  private final Object readingConsoles = new Object();
  private final Object changingListener = new Object();
  private final AtomicReference<@Nullable SocketChannel> listening = new AtomicReference<>();

  private EngineHost(
      Path socket, ServerSocketChannel door, SandboxEngine engine, ImageRoots roots, int uid)
      throws IOException {
    this.socket = socket;
    this.door = door;
    this.engine = engine;
    this.roots = roots;
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    if (!Files.getAttribute(socket, "unix:uid").equals(uid)) {
      Files.setAttribute(socket, "unix:uid", uid);
    }
    this.caller = Files.getOwner(socket);
  }

  /**
   * Opens the door; a socket that a former process has left is replaced.
   *
   * @param uid the user who may call, besides this process's own
   */
  public static EngineHost open(Path socket, int uid, SandboxEngine engine, ImageRoots roots)
      throws IOException {
    Files.deleteIfExists(socket);
    ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      door.bind(UnixDomainSocketAddress.of(socket));
      var host = new EngineHost(socket, door, engine, roots, uid);
      Thread.ofPlatform().name("engine-calls").start(host::accept);
      return host;
    } catch (IOException | RuntimeException e) {
      door.close();
      throw e;
    }
  }

  private void accept() {
    while (door.isOpen()) {
      try {
        SocketChannel connection = door.accept();
        if (connections.tryAcquire()) {
          Thread.ofVirtual().name("engine-call").start(() -> serve(connection));
        } else {
          connection.close();
        }
      } catch (ClosedChannelException e) {
        LOG.debug("no more calls are taken");
      } catch (IOException e) {
        // Out of descriptors, say: that passes, and a deaf engine would be taken for a living one.
        LOG.error("a call cannot be taken", e);
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  private void serve(SocketChannel connection) {
    try (connection) {
      if (mayCall(connection)) {
        answer(connection, call(connection));
      }
    } catch (IOException e) {
      LOG.debug("a call ended early: {}", e.toString());
    } finally {
      connections.release();
    }
  }

  private static Call call(SocketChannel connection) throws IOException {
    try {
      return new Lines(connection).next(Call.class);
    } catch (IOException e) {
      Lines.write(connection, new Answer(null, Answer.Failure.of(e)));
      throw e;
    }
  }

  private boolean mayCall(SocketChannel connection) throws IOException {
    UserPrincipal user = connection.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
    boolean may = user.equals(caller) || user.equals(Files.getOwner(Path.of("/proc/self")));
    if (!may) {
      LOG.warn("a call of user {} was refused; only {} may", user.getName(), caller.getName());
      Lines.write(
          connection,
          new Answer(
              null,
              new Answer.Failure(Answer.Kind.OTHER, "you may not call this engine", 0, false)));
    }
    return may;
  }

  private void answer(SocketChannel connection, Call call) throws IOException {
    switch (call) {
      case Call.Listen listen -> listen(connection);
      case Call.Console console -> console(connection, console);
      case Call.ReadConsoles read -> readConsoles(connection, read);
      default -> Lines.write(connection, answered(() -> value(call)));
    }
  }

  private interface Work {
    @Nullable Object value() throws Exception;
  }

  private static Answer answered(Work work) {
    try {
      return new Answer(Json.MAPPER.valueToTree(work.value()), null);
    } catch (Exception e) {
      if (e instanceof RuntimeException) {
        LOG.warn("a call failed", e);
      }
      return new Answer(null, Answer.Failure.of(e));
    }
  }

  private @Nullable Object value(Call call) throws Exception {
    return switch (call) {
      case Call.Info info -> engine.info();
      case Call.Start start -> engine.start(start.spec());
      case Call.Settled settled -> {
        engine.settled(settled.spec());
        yield null;
      }
      case Call.RetainSnapshots retain -> {
        engine.retainSnapshots(retain.names());
        yield null;
      }
      case Call.Stop stop -> {
        engine.stop(stop.sandbox(), Duration.ofMillis(stop.graceMillis()));
        yield null;
      }
      case Call.Running running -> engine.running();
      case Call.Used used -> engine.used(used.sandboxes());
      case Call.Reclaim reclaim -> engine.reclaim(reclaim.keep());
      case Call.Inspect inspect -> engine.inspect();
      case Call.Network network -> {
        engine.network(network.sandbox(), network.network());
        yield null;
      }
      case Call.Door door -> engine.identityDoor(door.slot());
      case Call.Leave leave -> {
        engine.leave();
        yield null;
      }
      case Call.Unpack unpack -> roots.unpack(unpack.work(), unpack.digest(), unpack.config());
      case Call.Roots all -> roots.digests();
      case Call.RemoveRoot remove -> {
        roots.remove(remove.digest());
        yield null;
      }
      case Call.EndedConsoles ended -> engine.consoles().ended();
      case Call.ReleaseConsole release -> {
        engine.consoles().release(release.sandbox());
        yield null;
      }
      case Call.ReadConsoles read -> throw new IllegalStateException();
      case Call.Listen listen -> throw new IllegalStateException();
      case Call.Console console -> throw new IllegalStateException();
    };
  }

  /** There is one listener: the newest. Its connection lives as long as it wants to listen. */
  private void listen(SocketChannel connection) throws IOException {
    var told = new ToldEvents(connection);
    // Else the engine would tell the one of two that came first, whose connection is closed.
    synchronized (changingListener) {
      SocketChannel former = listening.getAndSet(connection);
      if (former != null) {
        former.close();
      }
      engine.listen(told::add);
    }
    Thread.ofVirtual().name("engine-events").start(told::write);
    new Lines(connection).next(Call.class);
  }

  /** One call at a time: what each may hold in memory must not add up. */
  private void readConsoles(SocketChannel connection, Call.ReadConsoles call) throws IOException {
    synchronized (readingConsoles) {
      sendConsoles(connection, call);
    }
  }

  private void sendConsoles(SocketChannel connection, Call.ReadConsoles call) throws IOException {
    List<ConsoleChunk> chunks;
    try {
      if (call.positions().size() > RemoteConsoles.AT_ONCE) {
        throw new IOException(
            "%d consoles at once, at most %d"
                .formatted(call.positions().size(), RemoteConsoles.AT_ONCE));
      }
      chunks = engine.consoles().read(call.positions(), Math.clamp(call.maxBytes(), 1, CHUNK));
    } catch (IOException e) {
      Lines.write(connection, new Answer(null, Answer.Failure.of(e)));
      return;
    }
    Lines.write(connection, answered(() -> chunks.stream().map(ChunkHead::of).toList()));
    OutputStream out = Channels.newOutputStream(connection);
    for (ConsoleChunk chunk : chunks) {
      out.write(chunk.bytes());
      out.write(chunk.next().bytes());
    }
  }

  private void console(SocketChannel connection, Call.Console call) throws IOException {
    if (call.follow() && !followers.tryAcquire()) {
      Lines.write(
          connection,
          new Answer(
              null,
              new Answer.Failure(
                  Answer.Kind.OTHER, FOLLOWERS + " consoles are followed already", 0, false)));
      return;
    }
    try {
      send(connection, engine.console(call.sandbox(), call.follow()));
    } finally {
      if (call.follow()) {
        followers.release();
      }
    }
  }

  private void send(SocketChannel connection, Optional<InputStream> console) throws IOException {
    Lines.write(connection, answered(console::isPresent));
    if (console.isPresent()) {
      try (InputStream lines = console.get()) {
        Thread.ofVirtual().start(() -> closeWithReader(connection, lines));
        lines.transferTo(Channels.newOutputStream(connection));
      }
    }
  }

  /** A console that is followed says nothing for hours, and its reader may have left. */
  private static void closeWithReader(SocketChannel connection, InputStream lines) {
    try {
      new Lines(connection).next(Call.class);
    } catch (IOException left) {
      try {
        lines.close();
      } catch (IOException e) {
        LOG.debug("a console was closed already", e);
      }
    }
  }

  /** Takes no more calls; those under way end. */
  @Override
  public void close() throws IOException {
    door.close();
    SocketChannel listener = listening.getAndSet(null);
    if (listener != null) {
      listener.close();
    }
    Files.deleteIfExists(socket);
  }
}
