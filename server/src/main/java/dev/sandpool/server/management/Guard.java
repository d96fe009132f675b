package dev.sandpool.server.management;

import dev.sandpool.server.role.Action;

/**
 * What a route asks of who calls it.
 *
 * @param action the one right that it needs
 * @param reach where the caller must have it
 */
record Guard(Action action, Reach reach) {
  /** Where. */
  enum Reach {
    /** At the scope that the path names, or above. */
    SCOPE,
    /** At each thing that a list shows; others are left out. */
    EACH,
    /** At what the operation is about, which the resource finds out and asks for. */
    SUBJECT,
    /** Any right at, above or below the scope will do. */
    TOUCH
  }

  /** Whoever has a good token may. */
  static final Guard NONE = new Guard(Action.NONE, Reach.SCOPE);

  static Guard at(Action action) {
    return new Guard(action, Reach.SCOPE);
  }

  static Guard each(Action action) {
    return new Guard(action, Reach.EACH);
  }

  static Guard subject(Action action) {
    return new Guard(action, Reach.SUBJECT);
  }

  static Guard touch(Action action) {
    return new Guard(action, Reach.TOUCH);
  }
}
