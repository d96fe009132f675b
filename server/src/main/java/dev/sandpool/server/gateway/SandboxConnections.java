package dev.sandpool.server.gateway;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.session.Rate;
import dev.sandpool.server.session.Upstream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All connections to one sandbox, some for each event loop. They live and end with its session and
 * are found through it alone, so bytes of a session can reach no other sandbox, even one that is
 * given the same address later (G3).
 */
public final class SandboxConnections implements Upstream {
  private final SandboxId sandbox;
  private final InetSocketAddress address;
  private final ConcurrentHashMap<Loop, LoopConnections> perLoop = new ConcurrentHashMap<>();
  private volatile boolean closed;
  private volatile boolean unproven;
  private volatile @Nullable Rate requests;

  /**
   * @param address a literal IP address; names are not looked up
   * @throws IllegalArgumentException if it is not one
   */
  public SandboxConnections(SandboxId sandbox, String address, int port) {
    this.sandbox = sandbox;
    this.address = new InetSocketAddress(InetAddress.ofLiteral(address), port);
  }

  LoopConnections on(Loop loop) {
    LoopConnections known = perLoop.get(loop);
    return known != null
        ? known
        : perLoop.computeIfAbsent(loop, fresh -> new LoopConnections(this, fresh));
  }

  InetSocketAddress address() {
    return address;
  }

  boolean isClosed() {
    return closed;
  }

  /** How often its identifier has been called lately; only asked where that is bounded. */
  Rate requests(long nowNanos) {
    Rate known = requests;
    if (known == null) {
      // Two that come at once for the first time may each make one: one request too many.
      known = new Rate(nowNanos);
      requests = known;
    }
    return known;
  }

  /** It has just been claimed: if it refuses its first connection, it is to be replaced. */
  void markJustClaimed() {
    unproven = true;
  }

  /** Somebody has been connected. */
  void markProven() {
    if (unproven) {
      unproven = false;
    }
  }

  /** Whether it was claimed by this server and nobody has been connected yet. */
  boolean isUnproven() {
    return unproven;
  }

  @Override
  public void close() {
    closed = true;
    for (LoopConnections connections : perLoop.values()) {
      connections.closeSoon();
    }
  }

  @Override
  public String toString() {
    return "SandboxConnections[" + sandbox + "]";
  }
}
