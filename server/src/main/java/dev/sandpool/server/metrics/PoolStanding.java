package dev.sandpool.server.metrics;

/**
 * How many sandboxes a pool has, as they were counted last.
 *
 * @param executing held by a session
 * @param creating being started
 * @param ready waiting for a session
 * @param stopping ending
 * @param waiting requests in line for one
 */
public record PoolStanding(int executing, int creating, int ready, int stopping, int waiting) {
  /** None. */
  public static final PoolStanding NONE = new PoolStanding(0, 0, 0, 0, 0);
}
