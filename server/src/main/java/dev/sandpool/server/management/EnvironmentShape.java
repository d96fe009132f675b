package dev.sandpool.server.management;

import static dev.sandpool.server.management.Shape.Value.READ_ONLY;
import static dev.sandpool.server.management.Shape.Value.TEXT;
import static dev.sandpool.server.management.Shape.Value.TRUTH;
import static dev.sandpool.server.management.Shape.Value.WHOLE;

import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The body of a managed environment (contract 1.8), and what it must keep to. */
final class EnvironmentShape {
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9-]{0,58}[A-Za-z0-9]");

  private static final Shape.Obj PROPERTIES =
      Shape.Obj.of(
          "workloadProfiles",
          new Shape.Arr(
              Shape.Obj.of(
                  "name", TEXT,
                  "workloadProfileType", TEXT,
                  "minimumCount", WHOLE,
                  "maximumCount", WHOLE)),
          "appLogsConfiguration",
          Shape.Obj.of(
              "destination",
              TEXT,
              // The key is not kept: nothing here sends logs there, and a secret not held is safe.
              "logAnalyticsConfiguration",
              Shape.Obj.of("customerId", TEXT, "sharedKey", READ_ONLY)),
          "vnetConfiguration",
          Shape.Obj.of(
              "internal", TRUTH,
              "infrastructureSubnetId", TEXT,
              "dockerBridgeCidr", TEXT,
              "platformReservedCidr", TEXT,
              "platformReservedDnsIP", TEXT),
          "zoneRedundant",
          TRUTH,
          "provisioningState",
          READ_ONLY,
          "defaultDomain",
          READ_ONLY,
          "staticIp",
          READ_ONLY,
          "eventStreamEndpoint",
          READ_ONLY,
          EnvironmentView.WORKSPACE,
          READ_ONLY,
          IsolationView.LABEL,
          READ_ONLY,
          IsolationView.CAUTION,
          READ_ONLY);

  private static final Shape.Obj BODY =
      Shape.Obj.of(
          "location", TEXT,
          "tags", new Shape.Strings(),
          "properties", PROPERTIES,
          "id", READ_ONLY,
          "name", READ_ONLY,
          "type", READ_ONLY,
          "systemData", READ_ONLY);

  private EnvironmentShape() {}

  static ObjectNode read(JsonNode body, Faults faults, List<String> ignored) {
    return Shape.read(BODY, body, faults, ignored);
  }

  static void checkName(String name, Faults faults) {
    if (!NAME.matcher(name).matches()) {
      faults.add(
          "InvalidResourceName",
          "name",
          "'"
              + name
              + "' must have 2 to 60 letters, digits and hyphens, begin with a letter and not end"
              + " with a hyphen.");
    }
  }

  /** Checks a whole document and fills in what is absent. */
  static void check(ObjectNode document, Faults faults) {
    Locations.check(Fields.text(document, "location").orElse(""), faults);
    TagRules.check(document, faults);
    ObjectNode properties = Fields.object(document, "properties");
    List<JsonNode> profiles = Fields.elements(properties, "workloadProfiles");
    for (int i = 0; i < profiles.size(); i++) {
      if (profiles.get(i).isObject() && Fields.text(profiles.get(i), "name").isEmpty()) {
        faults.add("properties.workloadProfiles[" + i + "].name", "is required.");
      }
    }
    if (profiles.isEmpty()) {
      properties
          .putArray("workloadProfiles")
          .addObject()
          .put("name", "Consumption")
          .put("workloadProfileType", "Consumption");
    }
  }
}
