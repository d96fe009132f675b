package dev.sandpool.server.gateway;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.session.Rate;
import dev.sandpool.server.session.Upstream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All connections to one sandbox, some for each event loop. They live and end with its session and
 * are found through it alone, so bytes of a session can reach no other sandbox, even one that is
 * given the same address later (G3).
 */
public final class SandboxConnections implements Upstream {
  private static final LoopConnections[] NONE = {};

  private final SandboxId sandbox;

  /** As it is written in IPv4; for other kinds of addresses 0. */
  private final int ipv4;

  private final @Nullable InetAddress other;
  private final int port;

  /** Replaced as a whole: there are few loops, and most sessions are known without being called. */
  private volatile LoopConnections[] perLoop = NONE;

  private volatile boolean closed;
  private volatile boolean unproven;
  private volatile @Nullable Rate requests;

  /**
   * @param address a literal IP address; names are not looked up
   * @throws IllegalArgumentException if it is not one
   */
  public SandboxConnections(SandboxId sandbox, String address, int port) {
    this.sandbox = sandbox;
    InetAddress literal = InetAddress.ofLiteral(address);
    boolean four = literal instanceof Inet4Address;
    // A number instead of three objects: there may be a million of these.
    this.ipv4 = four ? ByteBuffer.wrap(literal.getAddress()).getInt() : 0;
    this.other = four ? null : literal;
    this.port = port;
  }

  LoopConnections on(Loop loop) {
    for (LoopConnections known : perLoop) {
      if (known.isOn(loop)) {
        return known;
      }
    }
    return add(loop);
  }

  /** Called on that loop alone, so nobody else adds it meanwhile. */
  private synchronized LoopConnections add(Loop loop) {
    var fresh = new LoopConnections(this, loop);
    LoopConnections[] more = Arrays.copyOf(perLoop, perLoop.length + 1);
    more[more.length - 1] = fresh;
    perLoop = more;
    loop.traffic().add(this);
    return fresh;
  }

  SandboxId sandbox() {
    return sandbox;
  }

  /** Whether any loop has counted more than was noted last. */
  boolean hasNewTraffic() {
    for (LoopConnections connections : perLoop) {
      if (connections.traffic().isNew()) {
        return true;
      }
    }
    return false;
  }

  /** What each loop has counted, new or not. */
  List<TrafficCount.Reading> readTraffic() {
    return Arrays.stream(perLoop).map(connections -> connections.traffic().read()).toList();
  }

  InetSocketAddress address() {
    InetAddress literal = other;
    return new InetSocketAddress(
        literal == null ? Inet4Address.ofLiteral(dotted()) : literal, port);
  }

  private String dotted() {
    return (ipv4 >>> 24) + "." + (ipv4 >> 16 & 255) + "." + (ipv4 >> 8 & 255) + "." + (ipv4 & 255);
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
    for (LoopConnections connections : perLoop) {
      connections.closeSoon();
    }
  }

  @Override
  public String toString() {
    return "SandboxConnections[" + sandbox + "]";
  }
}
