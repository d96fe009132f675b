package dev.sandpool.cli.pool;

import dev.sandpool.cli.Failure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The words that an option takes, for completion and, without regard to case, for what was typed.
 */
abstract class Choices extends ArrayList<String> {
  private static final long serialVersionUID = 1L;

  private Choices(List<String> words) {
    super(words);
  }

  /**
   * The word in the contract's spelling, null where none was typed.
   *
   * @throws Failure if it is none of these
   */
  final @Nullable String spelled(String option, @Nullable String typed) {
    if (typed == null) {
      return null;
    }
    for (String word : this) {
      if (word.equalsIgnoreCase(typed)) {
        return word;
      }
    }
    throw Failure.usage(option + ": '" + typed + "' is not one of " + String.join(", ", this));
  }

  /** What a pool is made of. */
  static final class ContainerTypes extends Choices {
    private static final long serialVersionUID = 1L;

    ContainerTypes() {
      super(List.of("CustomContainer", "PythonLTS", "NodeLTS", "Shell"));
    }
  }

  /** When a session ends. */
  static final class Lifecycles extends Choices {
    private static final long serialVersionUID = 1L;

    Lifecycles() {
      super(List.of("Timed", "OnContainerExit"));
    }
  }

  /** What a session reaches. */
  static final class Networks extends Choices {
    private static final long serialVersionUID = 1L;

    Networks() {
      super(List.of("EgressEnabled", "EgressDisabled"));
    }
  }

  /** What stands between a sandbox and the host. */
  static final class Isolations extends Choices {
    private static final long serialVersionUID = 1L;

    Isolations() {
      super(List.of("container", "gvisor-hostnet", "gvisor", "microvm", "default"));
    }
  }

  /** What sandboxes are spoken to in. */
  static final class IngressProtocols extends Choices {
    private static final long serialVersionUID = 1L;

    IngressProtocols() {
      super(List.of("http1", "http2", "default"));
    }
  }

  /** Yes or no. */
  static final class Truths extends Choices {
    private static final long serialVersionUID = 1L;

    Truths() {
      super(List.of("true", "false"));
    }
  }
}
