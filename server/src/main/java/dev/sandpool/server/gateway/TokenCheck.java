package dev.sandpool.server.gateway;

import dev.sandpool.server.role.Caller;
import dev.sandpool.server.role.Rights;

/** Whose bearer token it is that asks at the data plane. */
public interface TokenCheck {
  /** What is remembered of a token; {@link Unknown} if nothing. Called on event loops. */
  Verdict known(String token);

  /** Examines a token; may block. Never answers {@link Unknown}. */
  Verdict verify(String token);

  /**
   * The same for somebody at that address, of whom no more than so many bad ones are examined.
   *
   * @param from an IP address in digits
   */
  default Verdict verify(String token, String from) {
    return verify(token);
  }

  /** What was found. */
  sealed interface Verdict {}

  /**
   * It is good; what it opens is for the rights to say.
   *
   * @param principal who it is, for logs
   * @param caller who it is, for refusals
   * @param rights as they are at the moment
   */
  record Accepted(String principal, Caller caller, Rights rights) implements Verdict {}

  /**
   * It opens nothing: 401.
   *
   * @param message why, without the token
   */
  record Refused(String code, String message) implements Verdict {}

  /**
   * It was not looked at, because too many from there were bad: 429.
   *
   * @param seconds until one more will be looked at
   */
  record Later(int seconds) implements Verdict {}

  /** It has not been seen lately: {@link #verify} it. */
  record Unknown() implements Verdict {
    /** The only one needed. */
    public static final Unknown INSTANCE = new Unknown();
  }
}
