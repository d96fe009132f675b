package dev.sandpool.server.pool;

/**
 * How many sandboxes to start and to retire: a pure function of what a pool wants and has.
 *
 * <p>The rule (G7): {@code allocated <= max}; wanted unallocated {@code = min(ready, max -
 * allocated)}, more while requests wait; Starting counts as unallocated; an update may surge by
 * one; lowering max kills nobody.
 */
public final class PoolSizer {
  /**
   * An update may have this many sandboxes more than wanted, so that it can make before it breaks.
   */
  private static final int SURGE = 1;

  private PoolSizer() {}

  /**
   * What a pool wants.
   *
   * @param maxSessions sessions at once
   * @param readySessions unallocated sandboxes wanted
   * @param waiting requests that wait for a sandbox
   * @param phase of the rollout of another revision
   */
  public record Wants(int maxSessions, int readySessions, int waiting, Phase phase) {}

  /** How far the rollout of another revision is. */
  public enum Phase {
    /** There is none, or it was given up. */
    STEADY,
    /** One sandbox of the desired revision shows whether it can run; the active one serves. */
    TRIAL,
    /** It can: sandboxes of the desired revision take the place of others. */
    REPLACING
  }

  /**
   * What a pool has. <em>Current</em> ones are of the active revision and the current network
   * policy, <em>coming</em> ones of the desired revision where that is another, <em>stale</em> ones
   * neither, and cannot be claimed.
   */
  public record Has(
      int allocated,
      int currentReady,
      int currentStarting,
      int comingReady,
      int comingStarting,
      int staleUnallocated) {
    int current() {
      return currentReady + currentStarting;
    }

    int coming() {
      return comingReady + comingStarting;
    }
  }

  /**
   * What to do now; numbers of at least 0.
   *
   * @param startCurrent sandboxes of the active revision to start
   * @param startComing sandboxes of the desired revision to start
   * @param retireCurrent unallocated sandboxes of the active revision that are too many
   * @param retireStale unallocated sandboxes that cannot be claimed any more
   * @param promote whether claims are to be taken from the desired revision from now on
   */
  public record Decision(
      int startCurrent, int startComing, int retireCurrent, int retireStale, boolean promote) {}

  /** How many unallocated sandboxes the pool works towards. */
  public static int wanted(Wants wants, int allocated) {
    int room = Math.max(0, wants.maxSessions() - allocated);
    return Math.min(Math.max(wants.readySessions(), wants.waiting()), room);
  }

  /** What to do now. */
  public static Decision decide(Wants wants, Has has) {
    int wanted = wanted(wants, has.allocated());
    return switch (wants.phase()) {
      case STEADY -> steady(wanted, has, 0, has.staleUnallocated() + has.coming());
      // Nothing of the active revision is given up for it, and all that is claimed is replaced:
      // nobody knows yet whether it can run. Also in a full or empty pool, for the same reason.
      case TRIAL -> steady(wanted, has, has.coming() == 0 ? 1 : 0, has.staleUnallocated());
      case REPLACING -> replacing(wanted, has);
    };
  }

  private static Decision steady(int wanted, Has has, int startComing, int retireStale) {
    int start = Math.max(0, wanted - has.current());
    int retire = Math.max(0, has.current() - wanted);
    return new Decision(start, startComing, retire, retireStale, false);
  }

  private static Decision replacing(int wanted, Has has) {
    int target = Math.max(1, wanted);
    if (has.comingReady() >= 1 && has.comingReady() >= Math.min(has.currentReady(), target)) {
      return new Decision(0, 0, 0, 0, true);
    }
    int total = has.current() + has.coming();
    int startComing = Math.max(0, Math.min(target - has.coming(), wanted + SURGE - total));
    int startCurrent =
        has.currentReady() + has.comingReady() == 0 ? Math.max(0, wanted - total - startComing) : 0;
    int retireCurrent = Math.clamp(total - wanted, 0, has.comingReady());
    return new Decision(
        startCurrent,
        startComing,
        Math.min(retireCurrent, Math.max(0, has.currentReady() - 1)),
        has.staleUnallocated(),
        false);
  }
}
