package dev.sandpool.server.management;

import dev.sandpool.server.role.Caller;
import org.jspecify.annotations.Nullable;

/**
 * Tells who calls management. Tokens whose audience is the data plane's are refused here: each
 * plane refuses the other's.
 */
@FunctionalInterface
public interface TokenCheck {
  /**
   * Who it is, or why not. May block; called from virtual threads.
   *
   * @param bearer what follows {@code Bearer} in {@code Authorization}; null if there is none
   */
  Verdict verify(@Nullable String bearer);

  /** The same for queries of logs, for which there are tokens that are good for nothing else. */
  default Verdict verifyForLogs(@Nullable String bearer) {
    return verify(bearer);
  }

  /**
   * The same for a request from that address, of which no more than so many bad ones are examined.
   *
   * @param logs whether it queries logs
   */
  default Verdict verify(@Nullable String bearer, String from, boolean logs) {
    return logs ? verifyForLogs(bearer) : verify(bearer);
  }

  /** What came of it. */
  sealed interface Verdict {}

  /**
   * The caller.
   *
   * @param name for {@code systemData}: the token's name of user or application
   * @param caller whose rights are asked for
   */
  record Principal(String name, Caller caller) implements Verdict {}

  /**
   * No.
   *
   * @param status 401 or 403
   * @param code {@code Unauthenticated} or {@code Forbidden}
   * @param challenge the value of {@code WWW-Authenticate}; null sends none
   */
  record Refusal(int status, String code, String message, @Nullable String challenge)
      implements Verdict {}

  /**
   * It was not looked at, because too many from there were bad: 429.
   *
   * @param seconds until one more will be looked at
   */
  record Later(int seconds) implements Verdict {}
}
