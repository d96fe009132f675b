package dev.sandpool.server.ledger;

/**
 * What a sandbox has for itself, by its revision.
 *
 * @param milliCpu thousandths of a core
 * @param memoryBytes its limit, without the engine's overhead
 */
public record Reserved(int milliCpu, long memoryBytes) {
  /** Of a sandbox that was started before this was recorded. */
  public static final Reserved UNKNOWN = new Reserved(0, 0);

  /** That of a revision's sandboxes. */
  public static Reserved of(Revision revision) {
    return new Reserved(Math.toIntExact(Math.round(revision.cpu() * 1000)), revision.memoryBytes());
  }
}
