package dev.sandpool.server.gateway;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What an operator may set of the data plane.
 *
 * @param environmentDomain pools answer under {@code POOL.} of it; null: by path only
 * @param authority where tokens come from, for {@code WWW-Authenticate}; null: not said
 * @param eventLoops how many threads forward, at least 1
 * @param limits what one request may take
 * @param trustedProxies who is believed where requests came from
 */
public record GatewaySettings(
    @Nullable String environmentDomain,
    @Nullable String authority,
    int eventLoops,
    Limits limits,
    TrustedProxies trustedProxies) {

  /** Without proxies. */
  public GatewaySettings(
      @Nullable String environmentDomain,
      @Nullable String authority,
      int eventLoops,
      Limits limits) {
    this(environmentDomain, authority, eventLoops, limits, TrustedProxies.NONE);
  }

  /** The defaults: by path, as many event loops as processors. */
  public static GatewaySettings defaults() {
    return new GatewaySettings(
        null, null, Runtime.getRuntime().availableProcessors(), Limits.defaults());
  }

  /**
   * What one request, or one sandbox, may take.
   *
   * @param headerBytes the longest request or response head, in bytes
   * @param allocation how long a request waits for a sandbox of its own
   * @param connect how long a connection to a sandbox may take to come about
   * @param idleStream how long a stream that has begun may move nothing (504 SandboxTimeout)
   * @param connections how many connections to one sandbox each event loop may hold
   * @param callers what callers may take together
   */
  public record Limits(
      int headerBytes,
      Duration allocation,
      Duration connect,
      Duration idleStream,
      int connections,
      Callers callers) {

    /** With what callers may take where nothing else is said. */
    public Limits(
        int headerBytes,
        Duration allocation,
        Duration connect,
        Duration idleStream,
        int connections) {
      this(headerBytes, allocation, connect, idleStream, connections, Callers.defaults());
    }

    /** 64 KiB, 30 s, 5 s, 240 s, 512. */
    public static Limits defaults() {
      return new Limits(
          64 * 1024, Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ofSeconds(240), 512);
    }
  }

  /**
   * What callers may take together.
   *
   * @param idleConnection how long a connection may be without a whole request head
   * @param connections how many connections of callers there may be
   * @param connectionsPerAddress how many of them from one address
   * @param connectionsPerPool how many of them to one pool that says nothing
   * @param allocationsPerMinute new sessions for one principal, in a pool that says nothing
   * @param slowestUpload bytes a second that a body whose length was said comes with at least; 0:
   *     any
   * @param unreadAnswers how many bytes of answers may wait in memory for callers to take them
   */
  public record Callers(
      Duration idleConnection,
      int connections,
      int connectionsPerAddress,
      int connectionsPerPool,
      int allocationsPerMinute,
      int slowestUpload,
      long unreadAnswers) {
    /** With as many unread answers as where nothing else is said. */
    public Callers(
        Duration idleConnection,
        int connections,
        int connectionsPerAddress,
        int connectionsPerPool,
        int allocationsPerMinute,
        int slowestUpload) {
      this(
          idleConnection,
          connections,
          connectionsPerAddress,
          connectionsPerPool,
          allocationsPerMinute,
          slowestUpload,
          256L << 20);
    }

    /** 75 s, 50,000, 20,000, 20,000, 600, 100, 256 MiB. */
    public static Callers defaults() {
      return new Callers(Duration.ofSeconds(75), 50_000, 20_000, 20_000, 600, 100);
    }
  }
}
