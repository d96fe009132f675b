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
}
