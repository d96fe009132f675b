package dev.sandpool.server.session;

/** What came of asking for a session. */
public sealed interface Allocation<U extends Upstream> {
  /**
   * A session, open when it was looked at.
   *
   * @param fresh whether this very call allocated it
   */
  record Held<U extends Upstream>(SessionEntry<U> entry, boolean fresh) implements Allocation<U> {}

  /** The pool has as many sessions as it may have. */
  record Full<U extends Upstream>(int maxSessions) implements Allocation<U> {}

  /** Nothing became ready before the deadline. */
  record NoneReady<U extends Upstream>(String why) implements Allocation<U> {}

  /** Who asked has left; nothing was claimed. */
  record Left<U extends Upstream>() implements Allocation<U> {}

  /** The pool is gone. */
  record NoPool<U extends Upstream>() implements Allocation<U> {}
}
