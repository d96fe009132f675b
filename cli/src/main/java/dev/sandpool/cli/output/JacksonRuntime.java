package dev.sandpool.cli.output;

import dev.sandpool.model.Json;
import io.burt.jmespath.BaseRuntime;
import io.burt.jmespath.JmesPathType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JMESPath over trees of Jackson 3. */
final class JacksonRuntime extends BaseRuntime<JsonNode> {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  @Override
  public JsonNode parseString(String json) {
    return Json.MAPPER.readTree(json);
  }

  @Override
  public List<JsonNode> toList(JsonNode value) {
    return value.isContainer() ? List.copyOf(value.values()) : List.of();
  }

  @Override
  public String toString(JsonNode value) {
    return value.isString() ? value.stringValue() : JsonText.compact(value);
  }

  @Override
  public Number toNumber(JsonNode value) {
    return value.isNumber() ? value.numberValue() : 0;
  }

  @Override
  public JmesPathType typeOf(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> JmesPathType.ARRAY;
      case OBJECT, POJO -> JmesPathType.OBJECT;
      case STRING, BINARY -> JmesPathType.STRING;
      case NUMBER -> JmesPathType.NUMBER;
      case BOOLEAN -> JmesPathType.BOOLEAN;
      case NULL, MISSING -> JmesPathType.NULL;
    };
  }

  /** False for null, false, and everything empty, as JMESPath defines it. */
  @Override
  public boolean isTruthy(JsonNode value) {
    return switch (typeOf(value)) {
      case NULL -> false;
      case BOOLEAN -> value.booleanValue();
      case STRING -> !value.stringValue().isEmpty();
      case ARRAY, OBJECT -> !value.isEmpty();
      case NUMBER -> true;
    };
  }

  @Override
  public JsonNode getProperty(JsonNode value, JsonNode name) {
    @Nullable JsonNode property = value.isObject() ? value.get(name.stringValue()) : null;
    return property == null ? createNull() : property;
  }

  @Override
  public Collection<JsonNode> getPropertyNames(JsonNode value) {
    return value.propertyNames().stream().map(this::createString).toList();
  }

  @Override
  public JsonNode createNull() {
    return NODES.nullNode();
  }

  @Override
  public JsonNode createArray(Collection<JsonNode> elements) {
    ArrayNode array = NODES.arrayNode();
    elements.forEach(array::add);
    return array;
  }

  @Override
  public JsonNode createString(String text) {
    return NODES.stringNode(text);
  }

  @Override
  public JsonNode createBoolean(boolean value) {
    return NODES.booleanNode(value);
  }

  @Override
  public JsonNode createObject(Map<JsonNode, JsonNode> properties) {
    ObjectNode object = NODES.objectNode();
    properties.forEach((name, value) -> object.set(name.stringValue(), value));
    return object;
  }

  @Override
  public JsonNode createNumber(double number) {
    return NODES.numberNode(number);
  }

  @Override
  public JsonNode createNumber(long number) {
    return NODES.numberNode(number);
  }
}
