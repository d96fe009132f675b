package dev.sandpool.bench;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the command line asks for.
 *
 * @param quick fewer and shorter rounds, which show that everything runs
 * @param only names of scenarios, empty for all
 */
record Options(boolean quick, Set<String> only) {
  Options {
    only = Set.copyOf(only);
  }

  /** Arguments that make no sense. */
  static final class MisuseException extends Exception {
    private static final long serialVersionUID = 1L;

    MisuseException(String message) {
      super(message);
    }
  }

  static Options parse(List<String> arguments, List<String> names) throws MisuseException {
    boolean quick = false;
    Set<String> only = new HashSet<>();
    var rest = arguments.iterator();
    while (rest.hasNext()) {
      String argument = rest.next();
      switch (argument) {
        case "--quick" -> quick = true;
        case "--only" -> only.add(rest.hasNext() ? rest.next() : "");
        default -> throw new MisuseException("unknown option " + argument);
      }
    }
    for (String name : only) {
      if (!names.contains(name)) {
        throw new MisuseException("--only takes one of " + String.join(", ", names));
      }
    }
    return new Options(quick, only);
  }

  boolean selects(String name) {
    return only.isEmpty() || only.contains(name);
  }

  /** Only what was measured in full is worth keeping. */
  boolean saves() {
    return !quick && only.isEmpty();
  }
}
