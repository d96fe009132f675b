package dev.sandpool.server.session;

/** What came of asking for a session. */
public sealed interface Allocation<U extends Upstream> {
  /**
   * A session, open when it was looked at.
   *
   * @param fresh whether this very call allocated it
   * @param claimNanos how long the ledger took to record that; 0 if it is not fresh
   */
  record Held<U extends Upstream>(SessionEntry<U> entry, boolean fresh, long claimNanos)
      implements Allocation<U> {
    /** One that was there already. */
    static <U extends Upstream> Held<U> known(SessionEntry<U> entry) {
      return new Held<>(entry, false, 0);
    }
  }

  /** The pool has as many sessions as it may have. */
  record Full<U extends Upstream>(int maxSessions) implements Allocation<U> {}

  /** Nothing became ready before the deadline. */
  record NoneReady<U extends Upstream>(String why) implements Allocation<U> {}

  /** Who asked has left; nothing was claimed. */
  record Left<U extends Upstream>() implements Allocation<U> {}

  /** The pool is gone. */
  record NoPool<U extends Upstream>() implements Allocation<U> {}
}
