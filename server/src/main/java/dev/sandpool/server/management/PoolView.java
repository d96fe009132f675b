package dev.sandpool.server.management;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.pool.Pools;
import dev.sandpool.server.pool.Pools.PoolCondition;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A session pool as answers show it: the live service's properties in its order (contract 1.3). */
final class PoolView {
  private final Ledger ledger;
  private final Pools pools;
  private final PublicAddress address;
  private final Supplier<EngineInfo> engine;

  PoolView(Ledger ledger, Pools pools, PublicAddress address, Supplier<EngineInfo> engine) {
    this.ledger = ledger;
    this.pools = pools;
    this.address = address;
    this.engine = engine;
  }

  /** The bodies of a list: what lies beside the pools' records is read once for all of them. */
  List<ObjectNode> bodies(List<PoolStore.Stored> pools, ApiVersion version) {
    return bodies(pools, version, false);
  }

  /**
   * The body.
   *
   * @param created whether it answers the request that made the pool
   */
  ObjectNode body(PoolStore.Stored pool, ApiVersion version, boolean created) {
    return bodies(List.of(pool), version, created).getFirst();
  }

  private List<ObjectNode> bodies(
      List<PoolStore.Stored> pools, ApiVersion version, boolean created) {
    List<PoolRecord> records = pools.stream().map(PoolStore.Stored::pool).toList();
    Map<PoolId, PoolCondition> conditions = this.pools.conditions(records);
    Map<String, String> domains =
        records.stream()
            .map(PoolRecord::environmentId)
            .distinct()
            .collect(Collectors.toMap(Function.identity(), this::domain));
    return pools.stream()
        .map(
            it -> {
              PoolRecord pool = it.pool();
              var beside =
                  new Beside(
                      Objects.requireNonNull(conditions.get(pool.id())),
                      Objects.requireNonNull(domains.get(pool.environmentId())));
              return body(it.resource(), pool, beside, version, created);
            })
        .toList();
  }

  /** What lies beside a pool's record: how it stands, and its environment's domain. */
  private record Beside(PoolCondition condition, String domain) {}

  private ObjectNode body(
      ResourceRecord resource,
      PoolRecord pool,
      Beside beside,
      ApiVersion version,
      boolean created) {
    ObjectNode document = Documents.parse(resource);
    ResourceId id = ResourceId.parse(resource.id()).orElseThrow();
    ObjectNode body = Fields.empty();
    body.put("id", id.toString());
    body.put("name", id.name());
    body.put("type", "Microsoft.App/sessionpools");
    body.put("location", Locations.shown(document.path("location").asString("")));
    Fields.value(document, "tags").ifPresent(tags -> body.set("tags", tags));
    body.set("systemData", Documents.systemData(resource, created));
    body.set("properties", properties(document.path("properties"), id, pool, beside, version));
    if (version.identity()) {
      body.putObject("identity").put("type", "None");
    }
    return body;
  }

  private ObjectNode properties(
      JsonNode stored, ResourceId id, PoolRecord pool, Beside beside, ApiVersion version) {
    PoolCondition condition = beside.condition;
    ObjectNode properties = Fields.empty();
    for (String name : List.of("environmentId", "poolManagementType", "containerType")) {
      properties.set(name, stored.path(name));
    }
    properties.set("scaleConfiguration", stored.path("scaleConfiguration"));
    secrets(properties.putArray("secrets"), stored);
    properties.set("dynamicPoolConfiguration", lifecycle(stored, version));
    properties.set("customContainerTemplate", template(stored, version));
    properties.set("sessionNetworkConfiguration", stored.path("sessionNetworkConfiguration"));
    properties.put("provisioningState", pool.provisioning().state().wire());
    boolean running = condition.ready() + condition.starting() + condition.allocated() > 0;
    properties.put("nodeCount", running ? 1 : 0);
    properties.put("poolManagementEndpoint", address.poolEndpoint(id, beside.domain));
    if (version.previewProperties()) {
      properties.set("templateUpdateStatus", TemplateStatus.of(stored, pool, condition));
    }
    if (version.identity()) {
      properties.putArray("managedIdentitySettings");
    }
    if (version.previewProperties()) {
      properties.putNull("mcpServerSettings");
    }
    IsolationView.add(properties, engine.get());
    return properties;
  }

  private static void secrets(ArrayNode shown, JsonNode stored) {
    for (JsonNode secret : Fields.elements(stored, "secrets")) {
      shown
          .addObject()
          .put("name", Fields.text(secret, "name").orElse(""))
          .put("keyVaultUrl", "")
          .put("identity", "");
    }
  }

  private static JsonNode template(JsonNode stored, ApiVersion version) {
    JsonNode template = stored.path("customContainerTemplate").deepCopy();
    if (version.registryServer() && template.path("registryCredentials") instanceof ObjectNode it) {
      it.set("registryServer", it.remove("server"));
      it.remove("identity");
    }
    if (!version.probes()) {
      for (JsonNode container : Fields.elements(template, "containers")) {
        ((ObjectNode) container).remove("probes");
      }
    }
    return template;
  }

  private static JsonNode lifecycle(JsonNode stored, ApiVersion version) {
    JsonNode dynamic = stored.path("dynamicPoolConfiguration");
    if (!version.flatLifecycle()) {
      return dynamic;
    }
    JsonNode lifecycle = dynamic.path("lifecycleConfiguration");
    ObjectNode flat = Fields.empty();
    flat.set("executionType", lifecycle.path("lifecycleType"));
    Fields.value(lifecycle, "cooldownPeriodInSeconds")
        .ifPresent(seconds -> flat.set("cooldownPeriodInSeconds", seconds));
    return flat;
  }

  private String domain(String environmentId) {
    return address.domain() == null ? "" : PoolHost.domain(ledger, environmentId).orElse("");
  }
}
