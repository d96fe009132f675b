package dev.sandpool.server.gateway;

/**
 * What a pool lets its callers do, and what keeps its sessions alive. Zero stands for what the
 * server does where a pool says nothing.
 *
 * @param pingsKeepAlive whether WebSocket pings and pongs count as use of a session
 * @param allocationsPerMinute new sessions for one principal; 0: as the server's
 * @param requestsPerSecond for one identifier; 0: any number
 * @param requestsInFlight requests, streams and upgraded connections of the pool at once; 0: any
 *     number
 * @param connections of callers to the pool; 0: as many as the server's
 */
public record PoolBounds(
    boolean pingsKeepAlive,
    int allocationsPerMinute,
    int requestsPerSecond,
    int requestsInFlight,
    int connections) {
  /** Pings do not count, and nothing is bounded but by the server. */
  public static final PoolBounds NONE = new PoolBounds(false, 0, 0, 0, 0);
}
