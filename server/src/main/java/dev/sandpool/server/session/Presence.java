package dev.sandpool.server.session;

import org.jspecify.annotations.Nullable;

/**
 * Whether somebody still waits for a session: who has left must not keep a place in line, nor have
 * a sandbox claimed. Thread-safe.
 */
public final class Presence {
  private boolean gone;
  private @Nullable Runnable whenGone;

  /** Somebody who waits. */
  public Presence() {}

  /** They wait no more. */
  public void leave() {
    Runnable told;
    synchronized (this) {
      gone = true;
      told = whenGone;
    }
    if (told != null) {
      told.run();
    }
  }

  synchronized boolean gone() {
    return gone;
  }

  /** That is to be run when they leave, at once if they have. */
  void whenGone(Runnable action) {
    boolean already;
    synchronized (this) {
      whenGone = action;
      already = gone;
    }
    if (already) {
      action.run();
    }
  }
}
