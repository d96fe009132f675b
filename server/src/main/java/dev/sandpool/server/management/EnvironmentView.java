package dev.sandpool.server.management;

import dev.sandpool.model.ResourceId;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.ledger.ResourceRecord;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A managed environment as answers show it (contract 1.8). */
final class EnvironmentView {
  /** Property of the stored document beside those of the caller: the DNS domain given to it. */
  static final String DOMAIN = "defaultDomain";

  private EnvironmentView() {}

  static ObjectNode body(ResourceRecord resource, boolean created, EngineInfo engine) {
    ObjectNode document = Documents.parse(resource);
    ResourceId id = ResourceId.parse(resource.id()).orElseThrow();
    ObjectNode body = Fields.empty();
    body.put("id", id.toString());
    body.put("name", id.name());
    body.put("type", ResourceId.ENVIRONMENTS);
    body.put("location", Locations.shown(document.path("location").asString("")));
    Fields.value(document, "tags").ifPresent(tags -> body.set("tags", tags));
    body.set("systemData", Documents.systemData(resource, created));
    ObjectNode properties = body.putObject("properties");
    properties.put("provisioningState", "Succeeded");
    properties.put(DOMAIN, Fields.text(document, DOMAIN).orElse(""));
    JsonNode stored = document.path("properties");
    for (String name : List.of("vnetConfiguration", "appLogsConfiguration", "workloadProfiles")) {
      Optional<JsonNode> value = Fields.value(stored, name);
      properties.set(name, value.orElseGet(JsonNodeFactory.instance::nullNode));
    }
    properties.put("zoneRedundant", stored.path("zoneRedundant").asBoolean(false));
    IsolationView.add(properties, engine);
    return body;
  }
}
