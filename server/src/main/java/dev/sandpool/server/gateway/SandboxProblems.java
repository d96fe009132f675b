package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;

/** What is said to callers, or noted, where a sandbox or the way to it fails a request. */
final class SandboxProblems {
  private SandboxProblems() {}

  static ArmException busy() {
    return new ArmException(
        503, "SandboxBusy", "The sandbox has as many open connections as it may have.");
  }

  static ArmException unreachable() {
    return new ArmException(502, "SandboxUnreachable", "The sandbox takes no connections.");
  }

  static ArmException notHttp() {
    return new ArmException(
        502, "InvalidSandboxResponse", "The sandbox answered with something else than HTTP.");
  }

  static ArmException ended() {
    return new ArmException(502, "SessionEnded", "The sandbox ended while the request ran.");
  }

  static ArmException closedConnection() {
    return new ArmException(
        502,
        "SandboxClosedConnection",
        "The application closed the connection before its answer was complete; its sandbox goes"
            + " on.");
  }

  /**
   * @param seconds for which nothing has moved
   */
  static ArmException stalled(long seconds) {
    return new ArmException(504, "SandboxTimeout", "Nothing has moved for " + seconds + " s.");
  }

  /**
   * @param slowest bytes a second that should have come
   */
  static ArmException uploadTooSlow(int slowest) {
    return new ArmException(
        408,
        "RequestBodyTooSlow",
        "Less than %d bytes a second came of the request's body.".formatted(slowest));
  }

  static ArmException tooMuchUnread() {
    return new ArmException(
        503, "TooMuchUnread", "Its caller took nothing while others waited for memory.");
  }
}
