package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;

/** What a request hears that is not brought to a session, and comes again or does not. */
final class AdmissionProblems {
  private static final String POOL_BUSY = "SessionPoolBusy";

  private AdmissionProblems() {}

  /**
   * @param most connections of callers that the pool may have
   */
  static ArmException tooManyConnections(PoolRoute route, int most) {
    return new ArmException(
        503,
        POOL_BUSY,
        "Session pool '%s' has as many connections of callers as it may have: %d."
            .formatted(route.name(), most));
  }

  /**
   * @param most requests that the pool may have under way
   */
  static ArmException tooManyRequests(PoolRoute route, int most) {
    return new ArmException(
        503,
        POOL_BUSY,
        "Session pool '%s' has as many requests under way as it may have: %d."
            .formatted(route.name(), most));
  }

  /**
   * @param most requests a second for one identifier
   */
  static ArmException tooOften(int most) {
    return new ArmException(
        429,
        "TooManyRequests",
        "More than %d requests a second came for this identifier.".formatted(most));
  }

  static ArmException crashing() {
    return new ArmException(
        429,
        "SessionCrashing",
        "The last sandboxes of this identifier ended by themselves soon after they began.");
  }

  /**
   * @param most new sessions a minute for one principal
   */
  static ArmException tooManyAllocations(int most) {
    return new ArmException(
        429,
        "TooManyAllocations",
        "More than %d new sessions a minute were asked for by one principal.".formatted(most));
  }

  /**
   * @param most sessions that the pool may have
   */
  static ArmException full(PoolRoute route, int most) {
    return new ArmException(
        429,
        "SessionPoolFull",
        "Session pool '%s' has as many sessions as it may have: %d.".formatted(route.name(), most));
  }

  /**
   * @param why nothing became ready, in words for a person
   */
  static ArmException noneReady(PoolRoute route, String why) {
    return new ArmException(
        503,
        "NoSandboxReady",
        "No sandbox of session pool '%s' became ready in time: %s".formatted(route.name(), why));
  }

  static ArmException ledgerUnavailable() {
    return new ArmException(503, "LedgerUnavailable", "No new session can be recorded now.");
  }

  static ArmException stopping() {
    return new ArmException(503, "ServerStopping", "The server is stopping.");
  }

  static ArmException failed() {
    return new ArmException(500, "InternalServerError", "The session could not be allocated.");
  }
}
