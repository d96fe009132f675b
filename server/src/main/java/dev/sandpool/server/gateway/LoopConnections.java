package dev.sandpool.server.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.AsyncResult;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop to one sandbox. What is idle is kept for the next request of
 * this loop; the latest used is taken first, so that a quiet session keeps few. Used on its loop
 * only.
 */
final class LoopConnections {
  /** Idle longer than this, they are closed: a burst must not hold descriptors for a session. */
  private static final long IDLE_KEPT_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final String SESSION_ENDED = "the session has ended";

  private final SandboxConnections owner;
  private final Loop loop;
  private final ArrayDeque<SandboxConnection> idle = new ArrayDeque<>();
  private final Set<SandboxConnection> all = new HashSet<>();
  private final Set<Waiter> waiting = new HashSet<>();
  private final List<StreamConnection> shared = new ArrayList<>();
  private final Set<Waiter> waitingForShared = new LinkedHashSet<>();

  private final TrafficCount traffic = new TrafficCount();

  LoopConnections(SandboxConnections owner, Loop loop) {
    this.owner = owner;
    this.loop = loop;
  }

  /** Counted by this loop alone. */
  TrafficCount traffic() {
    return traffic;
  }

  /** Who waits for a connection. */
  interface Waiter {
    void connected(SandboxLink link);

    void notConnected(Throwable cause);
  }

  boolean isOn(Loop other) {
    return loop == other;
  }

  /** An open connection that was used no longer ago than that, or null. */
  @Nullable SandboxConnection takeIdle(long atMostNanos) {
    SandboxConnection latest = idle.peekLast();
    if (latest == null || loop.time().nanos() - latest.idleSinceNanos() > atMostNanos) {
      return null;
    }
    return idle.pollLast();
  }

  /** Whether no further connection may be opened now; an idle one makes room for another. */
  boolean isFull() {
    if (all.size() + shared.size() + waiting.size() < loop.limits().connections()) {
      return false;
    }
    SandboxConnection longest = idle.pollFirst();
    if (longest == null) {
      return true;
    }
    all.remove(longest);
    longest.close();
    return false;
  }

  /** Opens a connection and hands it over, or says why there is none; later, never at once. */
  void connect(Waiter waiter) {
    waiting.add(waiter);
    loop.client()
        .connect(SocketAddress.inetSocketAddress(owner.address()))
        .onComplete(result -> connected(result, waiter));
  }

  private void connected(AsyncResult<NetSocket> result, Waiter waiter) {
    if (!waiting.remove(waiter)) {
      if (result.succeeded()) {
        result.result().close();
      }
      return;
    }
    if (result.failed()) {
      waiter.notConnected(result.cause());
      return;
    }
    NetSocketInternal socket = (NetSocketInternal) result.result();
    if (owner.isClosed()) {
      socket.close();
      waiter.notConnected(new IllegalStateException(SESSION_ENDED));
      return;
    }
    owner.markProven();
    Channel channel = socket.channelHandlerContext().channel();
    var connection = new SandboxConnection(this, channel);
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addBefore("handler", "response", connection.decoder(loop.limits().headerBytes()));
    pipeline.addBefore("handler", "exchange", connection);
    all.add(connection);
    loop.watch(this);
    waiter.connected(connection);
  }

  /** Whether no further stream of HTTP/2 may be opened now. */
  boolean isFullOfStreams() {
    return sharedWithRoom() == null && waitingForShared.isEmpty() && isFull();
  }

  /** Opens a stream of HTTP/2 on a connection that has room, or on a new one. */
  void openStream(Waiter waiter) {
    StreamConnection open = sharedWithRoom();
    if (open != null) {
      open.open(waiter);
    } else if (waitingForShared.add(waiter) && waitingForShared.size() == 1) {
      connectShared();
    }
  }

  private @Nullable StreamConnection sharedWithRoom() {
    for (StreamConnection one : shared) {
      if (one.hasRoom()) {
        return one;
      }
    }
    return null;
  }

  private void connectShared() {
    loop.client()
        .connect(SocketAddress.inetSocketAddress(owner.address()))
        .onComplete(this::sharedConnected);
  }

  private void sharedConnected(AsyncResult<NetSocket> result) {
    List<Waiter> all = List.copyOf(waitingForShared);
    waitingForShared.clear();
    if (result.failed() || owner.isClosed()) {
      if (result.succeeded()) {
        result.result().close();
      }
      Throwable cause = result.failed() ? result.cause() : new IllegalStateException(SESSION_ENDED);
      all.forEach(waiter -> waiter.notConnected(cause));
      return;
    }
    owner.markProven();
    NetSocketInternal socket = (NetSocketInternal) result.result();
    shared.add(new StreamConnection(this, socket, loop.limits().headerBytes(), nowNanos()));
    loop.watch(this);
    all.forEach(this::openStream);
  }

  long nowNanos() {
    return loop.time().nanos();
  }

  /** A connection that carried streams is gone. */
  void forget(StreamConnection connection) {
    shared.remove(connection);
    unwatchIfNone();
  }

  /** A connection whose exchange is complete and which can take another. */
  void release(SandboxConnection connection) {
    if (owner.isClosed()) {
      connection.close();
      return;
    }
    connection.markIdle(loop.time().nanos());
    idle.addLast(connection);
  }

  /** It is no connection of ours any more: closed, or upgraded and closed by its relay. */
  void forget(SandboxConnection connection) {
    all.remove(connection);
    if (connection.isIdle()) {
      idle.remove(connection);
    }
    unwatchIfNone();
  }

  private void unwatchIfNone() {
    if (all.isEmpty() && shared.isEmpty()) {
      loop.unwatch(this);
    }
  }

  /** Closes what has not been used for a while. */
  void closeUnused() {
    long oldest = loop.time().nanos() - IDLE_KEPT_NANOS;
    SandboxConnection longest = idle.peekFirst();
    while (longest != null && longest.idleSinceNanos() - oldest < 0) {
      idle.pollFirst();
      longest.close();
      longest = idle.peekFirst();
    }
    List.copyOf(shared).stream()
        .filter(one -> one.isUnusedSince(oldest))
        .forEach(StreamConnection::close);
  }

  void closeSoon() {
    loop.run(this::closeAll);
  }

  private void closeAll() {
    List<SandboxConnection> open = new ArrayList<>(all);
    open.forEach(SandboxConnection::close);
    List.copyOf(shared).forEach(StreamConnection::close);
    // A dead sandbox answers no attempt to connect: who waits would do so until it times out.
    List<Waiter> inVain = new ArrayList<>(waiting);
    inVain.addAll(waitingForShared);
    waiting.clear();
    waitingForShared.clear();
    inVain.forEach(waiter -> waiter.notConnected(new IllegalStateException(SESSION_ENDED)));
  }
}
