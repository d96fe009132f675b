package dev.sandpool.server.management;

import static dev.sandpool.server.management.Shape.Value.NUMBER;
import static dev.sandpool.server.management.Shape.Value.READ_ONLY;
import static dev.sandpool.server.management.Shape.Value.TEXT;
import static dev.sandpool.server.management.Shape.Value.WHOLE;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The body of a session pool: union of all api-versions (contract 1.2), brought into one form. */
final class PoolShape {
  private static final Shape.Obj CONTAINER =
      Shape.Obj.of(
          "image",
          TEXT,
          "name",
          TEXT,
          "command",
          new Shape.Arr(TEXT),
          "args",
          new Shape.Arr(TEXT),
          "env",
          new Shape.Arr(Shape.Obj.of("name", TEXT, "value", TEXT, "secretRef", TEXT)),
          "resources",
          Shape.Obj.of("cpu", NUMBER, "memory", TEXT, "ephemeralStorage", READ_ONLY),
          "probes",
          ProbeRules.SHAPE);

  private static final Shape.Obj TEMPLATE =
      Shape.Obj.of(
          "registryCredentials",
          Shape.Obj.of(
              "server", TEXT,
              "registryServer", TEXT,
              "username", TEXT,
              "passwordSecretRef", TEXT,
              "identity", TEXT),
          "containers",
          new Shape.Arr(CONTAINER),
          "ingress",
          Shape.Obj.of("targetPort", WHOLE));

  private static final Shape.Obj LIFECYCLE =
      Shape.Obj.of(
          "lifecycleType", TEXT,
          "cooldownPeriodInSeconds", WHOLE,
          "maxAlivePeriodInSeconds", WHOLE);

  private static final Shape.Obj PROPERTIES =
      Shape.Obj.of(
          "environmentId",
          TEXT,
          "poolManagementType",
          TEXT,
          "containerType",
          TEXT,
          "scaleConfiguration",
          Shape.Obj.of("readySessionInstances", WHOLE, "maxConcurrentSessions", WHOLE),
          "secrets",
          new Shape.Arr(
              Shape.Obj.of("name", TEXT, "value", TEXT, "keyVaultUrl", TEXT, "identity", TEXT)),
          "dynamicPoolConfiguration",
          Shape.Obj.of(
              "lifecycleConfiguration", LIFECYCLE,
              "executionType", TEXT,
              "cooldownPeriodInSeconds", WHOLE),
          "customContainerTemplate",
          TEMPLATE,
          "sessionNetworkConfiguration",
          Shape.Obj.of("status", TEXT),
          "managedIdentitySettings",
          new Shape.Arr(Shape.Obj.of("identity", TEXT, "lifecycle", TEXT)),
          "mcpServerSettings",
          READ_ONLY,
          "provisioningState",
          READ_ONLY,
          "nodeCount",
          READ_ONLY,
          "poolManagementEndpoint",
          READ_ONLY,
          "templateUpdateStatus",
          READ_ONLY,
          IsolationView.LABEL,
          READ_ONLY,
          IsolationView.CAUTION,
          READ_ONLY);

  private static final Shape.Obj BODY =
      Shape.Obj.of(
          "location", TEXT,
          "tags", new Shape.Strings(),
          "identity",
              Shape.Obj.of(
                  "type", TEXT,
                  "userAssignedIdentities", new Shape.Names(),
                  "principalId", READ_ONLY,
                  "tenantId", READ_ONLY),
          "properties", PROPERTIES,
          "id", READ_ONLY,
          "name", READ_ONLY,
          "type", READ_ONLY,
          "systemData", READ_ONLY);

  private PoolShape() {}

  /** The body in today's form, whichever api-version it was written for. */
  static ObjectNode read(JsonNode body, Faults faults, List<String> ignored) {
    ObjectNode read = Shape.read(BODY, body, faults, ignored);
    JsonNode properties = read.path("properties");
    if (properties.path("dynamicPoolConfiguration") instanceof ObjectNode dynamic) {
      liftLifecycle(dynamic);
    }
    if (properties.path("customContainerTemplate").path("registryCredentials")
        instanceof ObjectNode registry) {
      move(registry, "registryServer", registry, "server");
    }
    return read;
  }

  /** 2024 previews had it flat. */
  private static void liftLifecycle(ObjectNode dynamic) {
    if (dynamic.has("executionType") || dynamic.has("cooldownPeriodInSeconds")) {
      ObjectNode lifecycle = Fields.object(dynamic, "lifecycleConfiguration");
      move(dynamic, "executionType", lifecycle, "lifecycleType");
      move(dynamic, "cooldownPeriodInSeconds", lifecycle, "cooldownPeriodInSeconds");
    }
  }

  private static void move(ObjectNode from, String old, ObjectNode to, String name) {
    if (from.has(old)) {
      JsonNode value = from.remove(old);
      if (!to.has(name)) {
        to.set(name, value);
      }
    }
  }
}
