package dev.sandpool.server.management;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which properties a request body may have, and of which type (contract 1.2).
 *
 * <p>Reading a body brings it into one form: property names in the contract's spelling whatever
 * their case was, numbers as numbers also where they came as strings, unknown properties left out
 * with a warning, properties that only the server writes left out in silence. Nulls stay, since
 * they mean something in a merge patch; inside arrays, which are replaced as a whole, they mean
 * absent.
 */
sealed interface Shape {
  /** An object with these properties. */
  record Obj(Map<String, Shape> properties) implements Shape {
    /** Names and shapes in turn. */
    static Obj of(Object... namesAndShapes) {
      Map<String, Shape> properties = new LinkedHashMap<>();
      for (int i = 0; i < namesAndShapes.length; i += 2) {
        properties.put((String) namesAndShapes[i], (Shape) namesAndShapes[i + 1]);
      }
      return new Obj(properties);
    }

    private Map.@Nullable Entry<String, Shape> find(String name) {
      for (Map.Entry<String, Shape> property : properties.entrySet()) {
        if (property.getKey().equalsIgnoreCase(name)) {
          return property;
        }
      }
      return null;
    }
  }

  /** An array of one shape. */
  record Arr(Shape element) implements Shape {}

  /** An object with names of the caller's choice and strings as values: tags. */
  record Strings() implements Shape {}

  /** An object whose names alone count: a set, from which a merge patch takes by null. */
  record Names() implements Shape {}

  /** A value that stands alone. */
  enum Value implements Shape {
    TEXT("a string"),
    WHOLE("a whole number"),
    NUMBER("a number"),
    TRUTH("true or false"),
    /** Written by the server alone: ignored, so that what was read can be sent back. */
    READ_ONLY("");

    private final String words;

    Value(String words) {
      this.words = words;
    }
  }

  /**
   * The body in the contract's form.
   *
   * @param faults gets what has the wrong type
   * @param ignored gets the paths of unknown properties that are not null
   */
  static ObjectNode read(Obj shape, JsonNode body, Faults faults, List<String> ignored) {
    if (!body.isObject()) {
      faults.add("InvalidRequestContent", "body", "must be a JSON object.");
      return JsonNodeFactory.instance.objectNode();
    }
    return new Reader(faults, ignored).object(shape, body, "", false);
  }

  /** One reading. */
  record Reader(Faults faults, List<String> ignored) {
    private Optional<JsonNode> any(Shape shape, JsonNode node, String path, boolean inArray) {
      return switch (shape) {
        case Obj obj when node.isObject() -> Optional.of(object(obj, node, path, inArray));
        case Arr(Shape element) when node.isArray() -> Optional.of(array(element, node, path));
        case Strings strings when node.isObject() -> Optional.of(strings(node, path));
        case Names names when node.isObject() -> Optional.of(names(node));
        case Value value -> value(value, node, path);
        case Obj obj -> wrong(path, "an object", node);
        case Arr arr -> wrong(path, "an array", node);
        case Strings strings -> wrong(path, "an object with strings", node);
        case Names names -> wrong(path, "an object", node);
      };
    }

    private ObjectNode object(Obj shape, JsonNode node, String path, boolean inArray) {
      ObjectNode read = JsonNodeFactory.instance.objectNode();
      for (Map.Entry<String, JsonNode> property : node.properties()) {
        Map.Entry<String, Shape> known = shape.find(property.getKey());
        String name = known == null ? property.getKey() : known.getKey();
        String at = path.isEmpty() ? name : path + "." + name;
        JsonNode given = property.getValue();
        if (known == null) {
          unknown(at, given);
        } else if (read.has(name)) {
          faults.add(at, "is given more than once.");
        } else if (!given.isNull() && known.getValue() != Value.READ_ONLY) {
          any(known.getValue(), given, at, inArray).ifPresent(value -> read.set(name, value));
        } else if (!inArray && known.getValue() != Value.READ_ONLY) {
          read.putNull(name);
        }
      }
      return read;
    }

    private void unknown(String at, JsonNode given) {
      if (!given.isNull()) {
        ignored.add(at);
      }
    }

    private ArrayNode array(Shape element, JsonNode node, String path) {
      ArrayNode read = JsonNodeFactory.instance.arrayNode();
      for (int i = 0; i < node.size(); i++) {
        // What is wrong leaves a null, so that the places of the others stay right.
        read.add(
            any(element, node.get(i), path + "[" + i + "]", true)
                .orElse(JsonNodeFactory.instance.nullNode()));
      }
      return read;
    }

    private ObjectNode strings(JsonNode node, String path) {
      ObjectNode read = JsonNodeFactory.instance.objectNode();
      for (Map.Entry<String, JsonNode> entry : node.properties()) {
        if (entry.getValue().isNull()) {
          read.putNull(entry.getKey());
        } else {
          value(Value.TEXT, entry.getValue(), path + "." + entry.getKey())
              .ifPresent(text -> read.set(entry.getKey(), text));
        }
      }
      return read;
    }

    private static ObjectNode names(JsonNode node) {
      ObjectNode read = JsonNodeFactory.instance.objectNode();
      for (Map.Entry<String, JsonNode> entry : node.properties()) {
        if (entry.getValue().isNull()) {
          read.putNull(entry.getKey());
        } else {
          read.putObject(entry.getKey());
        }
      }
      return read;
    }

    private Optional<JsonNode> value(Value kind, JsonNode node, String path) {
      JsonNodeFactory make = JsonNodeFactory.instance;
      Optional<JsonNode> read =
          switch (kind) {
            case TEXT -> node.isString() ? Optional.of(node) : Optional.empty();
            case TRUTH -> truth(node);
            case NUMBER -> number(node).map(n -> make.numberNode(n.doubleValue()));
            case WHOLE -> number(node).flatMap(Reader::whole).map(make::numberNode);
            case READ_ONLY -> Optional.empty();
          };
      return read.isPresent() ? read : wrong(path, kind.words, node);
    }

    private static Optional<JsonNode> truth(JsonNode node) {
      if (node.isString()) {
        String text = node.stringValue();
        boolean known = text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false");
        return known
            ? Optional.of(JsonNodeFactory.instance.booleanNode(Boolean.parseBoolean(text)))
            : Optional.empty();
      }
      return node.isBoolean() ? Optional.of(node) : Optional.empty();
    }

    /** Also from a string: real clients send {@code "400"}. Long ones are nobody's setting. */
    private static Optional<BigDecimal> number(JsonNode node) {
      String text = node.isString() ? node.stringValue().strip() : node.asString();
      if (!(node.isNumber() || node.isString())
          || !text.matches("-?[0-9]{1,15}(\\.[0-9]{1,15})?")) {
        return Optional.empty();
      }
      return Optional.of(new BigDecimal(text));
    }

    private static Optional<Long> whole(BigDecimal number) {
      return number.stripTrailingZeros().scale() <= 0
          ? Optional.of(number.longValueExact())
          : Optional.empty();
    }

    private Optional<JsonNode> wrong(String path, String wanted, JsonNode node) {
      // The value stays out of the message: it may be a secret in the wrong place.
      String kind = node.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
      faults.add("InvalidRequestContent", path, "must be " + wanted + ", not " + kindOf(kind));
      return Optional.empty();
    }

    private static String kindOf(String kind) {
      return ("aeio".indexOf(kind.charAt(0)) >= 0 ? "an " : "a ") + kind + ".";
    }
  }
}
