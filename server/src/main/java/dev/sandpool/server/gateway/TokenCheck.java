package dev.sandpool.server.gateway;

/** Whether a bearer token opens the data plane. */
public interface TokenCheck {
  /** What is remembered of a token; {@link Unknown} if nothing. Called on event loops. */
  Verdict known(String token);

  /** Examines a token; may block. Never answers {@link Unknown}. */
  Verdict verify(String token);

  /** What was found. */
  sealed interface Verdict {}

  /**
   * Its bearer may use every session of every pool (contract 2.2).
   *
   * @param principal who it is, for logs
   */
  record Accepted(String principal) implements Verdict {}

  /**
   * It opens nothing: 403 if the code is {@code Forbidden}, 401 otherwise.
   *
   * @param message why, without the token
   */
  record Refused(String code, String message) implements Verdict {}

  /** It has not been seen lately: {@link #verify} it. */
  record Unknown() implements Verdict {
    /** The only one needed. */
    public static final Unknown INSTANCE = new Unknown();
  }
}
