package dev.sandpool.server.management;

import dev.sandpool.model.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The served specification as a judge of answers: knows as much of JSON Schema as it uses (type,
 * properties, required, additionalProperties, items, enum, anyOf, minimum, maximum, $ref).
 */
final class OpenApi {
  private final JsonNode document;

  OpenApi(String json) {
    this.document = Json.MAPPER.readTree(json);
  }

  /** All operations, {@code GET /a/{b}}. */
  List<String> operations() {
    List<String> operations = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (String method : path.getValue().propertyNames()) {
        if (!method.equals("parameters")) {
          operations.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
        }
      }
    }
    return operations;
  }

  /**
   * What is wrong with an answer; empty where it is as the specification says, and for paths and
   * methods that it does not know, which must be answered by an error.
   */
  List<String> faults(String method, String path, ManagementFixture.Reply reply) {
    List<String> faults = new ArrayList<>();
    Optional<JsonNode> operation = operation(method, path.replaceAll("/+", "/"));
    if (reply.status() >= 400 && !method.equals("HEAD")) {
      check(reference("#/components/schemas/Error"), reply.json(), "error", faults);
    } else if (operation.isEmpty()) {
      faults.add("answers %d, but is not specified".formatted(reply.status()));
    } else {
      JsonNode response = operation.get().path("responses").path("" + reply.status());
      if (response.isMissingNode()) {
        faults.add("status %d is not specified".formatted(reply.status()));
      }
      body(response, reply, faults);
      headers(response, reply, faults);
    }
    return faults;
  }

  private void body(JsonNode response, ManagementFixture.Reply reply, List<String> faults) {
    JsonNode content = response.path("content");
    String type = reply.header("content-type").replaceAll(";.*", "");
    if (content.isMissingNode() != reply.text().isEmpty()) {
      faults.add("has a body, or has none, unlike the specification");
    } else if (!content.isMissingNode() && !content.has(type)) {
      faults.add("content type '" + type + "' is not specified");
    } else if (type.equals("application/json")) {
      check(content.path(type).path("schema"), reply.json(), "body", faults);
    }
  }

  private static void headers(
      JsonNode response, ManagementFixture.Reply reply, List<String> faults) {
    for (String name : response.path("headers").propertyNames()) {
      if (reply.header(name).isEmpty()) {
        faults.add("header '" + name + "' is missing");
      }
    }
  }

  private Optional<JsonNode> operation(String method, String path) {
    return document.path("paths").properties().stream()
        .filter(entry -> pattern(entry.getKey()).matcher(path).matches())
        .filter(entry -> entry.getValue().has(method.toLowerCase(Locale.ROOT)))
        .min(Comparator.comparing(entry -> entry.getKey().contains("{scope}")))
        .map(entry -> entry.getValue().path(method.toLowerCase(Locale.ROOT)));
  }

  private static Pattern pattern(String template) {
    String text =
        template.replace(".", "\\.").replace("/{scope}", "(/.*)?").replaceAll("\\{\\w+}", "[^/]+");
    return Pattern.compile(text + "/?", Pattern.CASE_INSENSITIVE);
  }

  private JsonNode reference(String ref) {
    return document.at(ref.substring(1));
  }

  private void check(JsonNode schema, JsonNode value, String at, List<String> faults) {
    if (schema.has("$ref")) {
      JsonNode target = reference(schema.path("$ref").asString());
      if (target.isMissingNode()) {
        faults.add(schema + " is not there");
      }
      check(target, value, at, faults);
      return;
    }
    if (schema.has("anyOf")) {
      anyOf(schema.path("anyOf"), value, at, faults);
    }
    if (schema.has("type") && !isOf(schema.path("type"), value)) {
      faults.add(at + " is " + value.getNodeType() + ", not " + schema.path("type"));
    }
    if (schema.has("enum") && schema.path("enum").valueStream().noneMatch(value::equals)) {
      faults.add(at + " is " + value + ", not one of " + schema.path("enum"));
    }
    if (value.isNumber()
        && (value.doubleValue() < schema.path("minimum").asDouble(-Double.MAX_VALUE)
            || value.doubleValue() > schema.path("maximum").asDouble(Double.MAX_VALUE))) {
      faults.add(at + " is " + value + ", out of its range");
    }
    if (value.isObject()) {
      object(schema, value, at, faults);
    }
    for (int i = 0; value.isArray() && schema.has("items") && i < value.size(); i++) {
      check(schema.path("items"), value.get(i), at + "[" + i + "]", faults);
    }
  }

  private void object(JsonNode schema, JsonNode value, String at, List<String> faults) {
    for (JsonNode name : schema.path("required")) {
      if (!value.has(name.asString())) {
        faults.add(at + "." + name.asString() + " is missing");
      }
    }
    JsonNode further = schema.path("additionalProperties");
    for (Map.Entry<String, JsonNode> property : value.properties()) {
      String here = at + "." + property.getKey();
      JsonNode known = schema.path("properties").path(property.getKey());
      if (!known.isMissingNode()) {
        check(known, property.getValue(), here, faults);
      } else if (further.isObject()) {
        check(further, property.getValue(), here, faults);
      } else if (further.isBoolean() && !further.booleanValue()) {
        faults.add(here + " is not specified");
      }
    }
  }

  private void anyOf(JsonNode choices, JsonNode value, String at, List<String> faults) {
    boolean one =
        choices
            .valueStream()
            .anyMatch(
                choice -> {
                  List<String> inner = new ArrayList<>();
                  check(choice, value, at, inner);
                  return inner.isEmpty();
                });
    if (!one) {
      faults.add(at + " is none of " + choices);
    }
  }

  private static boolean isOf(JsonNode type, JsonNode value) {
    if (type.isArray()) {
      return type.valueStream().anyMatch(one -> isOf(one, value));
    }
    return switch (type.asString()) {
      case "string" -> value.isString();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "null" -> value.isNull();
      default -> throw new IllegalArgumentException("type " + type);
    };
  }
}
