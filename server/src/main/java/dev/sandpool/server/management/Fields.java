package dev.sandpool.server.management;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads from documents that have been through a {@link Shape}; null counts as absent. */
final class Fields {
  private Fields() {}

  static Optional<JsonNode> value(JsonNode node, String... path) {
    JsonNode at = node;
    for (String name : path) {
      at = at.path(name);
    }
    return at.isMissingNode() || at.isNull() ? Optional.empty() : Optional.of(at);
  }

  static Optional<String> text(JsonNode node, String... path) {
    return value(node, path).filter(JsonNode::isString).map(JsonNode::stringValue);
  }

  static Optional<Long> whole(JsonNode node, String... path) {
    return value(node, path).filter(JsonNode::isIntegralNumber).map(JsonNode::longValue);
  }

  static Optional<Double> number(JsonNode node, String... path) {
    return value(node, path).filter(JsonNode::isNumber).map(JsonNode::doubleValue);
  }

  /** The elements, none where there is no array. */
  static List<JsonNode> elements(JsonNode node, String... path) {
    List<JsonNode> elements = new ArrayList<>();
    value(node, path).filter(JsonNode::isArray).ifPresent(array -> array.forEach(elements::add));
    return elements;
  }

  /** The strings of an array. */
  static List<String> texts(JsonNode node, String... path) {
    return elements(node, path).stream()
        .filter(JsonNode::isString)
        .map(JsonNode::stringValue)
        .toList();
  }

  /** The object of that name, which is put there if it is missing. */
  static ObjectNode object(ObjectNode parent, String name) {
    return parent.path(name) instanceof ObjectNode found ? found : parent.putObject(name);
  }

  /** An object without properties. */
  static ObjectNode empty() {
    return JsonNodeFactory.instance.objectNode();
  }
}
