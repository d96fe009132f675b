package dev.sandpool.server.doctor;

import java.io.IOException;
import java.util.List;

/**
 * One check of the host.
 *
 * @param name a word for the left column
 * @param rights whose rights it takes
 * @param start when a server that starts does it
 */
record Check(String name, Rights rights, Start start, Examination examination) {
  /** Who may do it. */
  enum Rights {
    ANYBODY,
    ROOT
  }

  /** What a server does at each start, too, in some milliseconds. */
  enum Start {
    /** It does not start if this fails. */
    BEFORE,
    /** Only warnings come of it: nobody waits for them. */
    BESIDE,
    /** Left to {@code sandpool doctor}. */
    NOT
  }

  /** Looks at the host and judges. */
  @FunctionalInterface
  interface Examination {
    /**
     * One finding a thing; nothing of the host is changed.
     *
     * @throws IOException if it cannot be told, saying why
     */
    List<Finding> examine() throws IOException;
  }

  /** An examination that can also mend what it finds, where that harms nobody. */
  interface Repair extends Examination {
    /**
     * Mends what it can.
     *
     * @return what it did, a clause each
     */
    List<String> repair() throws IOException;
  }
}
