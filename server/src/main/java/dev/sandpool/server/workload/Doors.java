package dev.sandpool.server.workload;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.IdentityDoor;
import dev.sandpool.server.pool.IdentityDoors;
import dev.sandpool.server.time.Time;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The endpoints where sandboxes ask for tokens: one listening socket a sandbox, at the host's end
 * of its wire. What a socket may be reached from is in the packet rules; here a caller must also
 * have the sandbox's own address and show its secret.
 *
 * <p>A secret is a keyed hash of the sandbox's id: it needs no keeping, and a server that is
 * started again knows it.
 */
public final class Doors implements IdentityDoors, AutoCloseable {
  private final Grants grants;
  private final TokenSource tokens;
  private final Function<String, String> secrets;
  private final Time time;
  private final MultiThreadIoEventLoopGroup loop;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<SandboxId, Open> open = new HashMap<>();

  private record Open(DoorListener listener, Map<String, String> variables) {}

  /**
   * @param secrets a keyed hash, in visible ASCII characters
   */
  public Doors(Grants grants, TokenSource tokens, Function<String, String> secrets, Time time) {
    this.grants = grants;
    this.tokens = tokens;
    this.secrets = secrets;
    this.time = time;
    ThreadFactory thread = Thread.ofPlatform().name("identity-doors").daemon().factory();
    this.loop = new MultiThreadIoEventLoopGroup(1, thread, EpollIoHandler.newFactory());
  }

  /** Whether this host can have such endpoints at all. */
  public static boolean possible() {
    return Epoll.isAvailable();
  }

  @Override
  public synchronized Map<String, String> open(SandboxId sandbox, PoolId pool, IdentityDoor door)
      throws IOException {
    Open there = open.get(sandbox);
    if (there != null) {
      return there.variables();
    }
    String secret = secrets.apply("identity header of sandbox " + sandbox);
    var desk = new Desk(secret, () -> grants.of(pool), tokens, time);
    var listener = DoorListener.open(loop, threads, door, desk);
    Map<String, String> variables =
        Map.of(
            "IDENTITY_ENDPOINT",
            "http://" + door.host() + ":" + door.port() + Desk.PATH,
            "IDENTITY_HEADER",
            secret);
    open.put(sandbox, new Open(listener, variables));
    return variables;
  }

  @Override
  public synchronized void close(SandboxId sandbox) {
    Open there = open.remove(sandbox);
    if (there != null) {
      there.listener().close();
    }
  }

  @Override
  public synchronized void close() {
    open.values().forEach(it -> it.listener().close());
    open.clear();
    threads.shutdownNow();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
