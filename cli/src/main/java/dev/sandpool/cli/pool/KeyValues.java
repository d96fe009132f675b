package dev.sandpool.cli.pool;

import dev.sandpool.cli.Failure;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Lists of {@code key=value} as the contract's arrays. Errors never quote a value. */
final class KeyValues {
  private static final String SECRET_REF = "secretref:";

  private KeyValues() {}

  /** Environment variables; an empty list stands for "none at all". */
  static ArrayNode variables(@Nullable List<String> pairs) {
    ArrayNode variables = JsonNodeFactory.instance.arrayNode();
    var names = new HashSet<String>();
    for (String pair : present(pairs)) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw Failure.usage(
            "Environment variables must be in the format \"<key>=<value>\""
                + " \"<key>=secretref:<value>\" ...");
      }
      String name = pair.substring(0, equals);
      if (!names.add(name)) {
        throw Failure.usage(
            "Duplicate environment variable " + name + " found, names must be unique.");
      }
      String value = pair.substring(equals + 1);
      var variable = variables.addObject().put("name", name);
      if (value.startsWith(SECRET_REF)) {
        variable.put("secretRef", value.substring(SECRET_REF.length()));
      } else {
        variable.put("value", value);
      }
    }
    return variables;
  }

  /** Secrets. */
  static ArrayNode secrets(@Nullable List<String> pairs) {
    ArrayNode secrets = JsonNodeFactory.instance.arrayNode();
    for (String pair : present(pairs)) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw Failure.usage("Secrets must be in format \"<key>=<value> <key>=<value> ...\".");
      }
      secrets
          .addObject()
          .put("name", pair.substring(0, equals))
          .put("value", pair.substring(equals + 1));
    }
    return secrets;
  }

  private static List<String> present(@Nullable List<String> pairs) {
    return pairs == null ? List.of() : pairs.stream().filter(pair -> !pair.isBlank()).toList();
  }
}
