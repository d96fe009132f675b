package dev.sandpool.server.config;

import java.nio.file.InvalidPathException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Options of a command line, as {@code --name value} or {@code --name=value}. */
final class Arguments {
  private Arguments() {}

  /**
   * The options that are given, each with its value; flags with an empty one.
   *
   * @throws Wrong for anything else
   */
  static Map<String, String> collect(
      List<String> arguments, Set<String> withValue, Set<String> flags) {
    Map<String, String> given = new HashMap<>();
    var rest = arguments.iterator();
    while (rest.hasNext()) {
      String argument = rest.next();
      int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
      String name = equals < 0 ? argument : argument.substring(0, equals);
      String value = "";
      if (withValue.contains(name)) {
        value = equals >= 0 ? argument.substring(equals + 1) : rest.hasNext() ? rest.next() : "";
        if (value.isEmpty() || (equals < 0 && value.startsWith("--"))) {
          throw new Wrong("option " + name + " needs a value");
        }
      } else if (!flags.contains(name)) {
        throw new Wrong((name.startsWith("-") ? "unknown option " : "unexpected argument ") + name);
      } else if (equals >= 0) {
        throw new Wrong("option " + name + " takes no value");
      }
      if (given.put(name, value) != null) {
        throw new Wrong("option " + name + " is there twice");
      }
    }
    return given;
  }

  static <T> Optional<T> value(
      Map<String, String> given, String name, String accepted, Function<String, T> parser) {
    @Nullable String text = given.get(name);
    if (text == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(parser.apply(text));
    } catch (InvalidPathException _) {
      throw new Wrong(name + " is not a path");
    } catch (IllegalArgumentException _) {
      throw new Wrong(name + " '" + text + "' is not accepted; accepted: " + accepted);
    }
  }

  /** A misuse on its way out of here. */
  static final class Wrong extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Wrong(String message) {
      super(message);
    }
  }
}
