package dev.sandpool.server.management;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.ResourceId;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a session pool's document must keep to (contract 1.2 and 5), but for its container template,
 * which is {@link TemplateRules}'. Absent properties get their defaults: what is stored and shown
 * is what holds.
 */
final class PoolRules {
  static final String NOT_SUPPORTED = "NotSupported";
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{1,61}[a-z0-9]");
  private static final String PROPERTIES = "properties.";
  private static final String SCALE = "properties.scaleConfiguration.";
  private static final int DEFAULT_MAX = 10;
  private static final int DEFAULT_READY = 5;

  private final PoolLimits limits;

  PoolRules(PoolLimits limits) {
    this.limits = limits;
  }

  /** Checks the name of a pool that is to be made. */
  static void checkName(String name, Faults faults) {
    if (!NAME.matcher(name).matches()) {
      faults.add(
          "InvalidResourceName",
          "name",
          "'"
              + name
              + "' must have 3 to 63 lower-case letters, digits and hyphens, begin with a letter"
              + " and not end with a hyphen.");
    }
  }

  /** Checks a whole document and fills in what is absent. */
  void check(ObjectNode document, Faults faults) {
    Locations.check(Fields.text(document, "location").orElse(""), faults);
    TagRules.check(document, faults);
    ObjectNode properties = Fields.object(document, "properties");
    environment(properties, faults);
    types(properties, faults);
    scale(Fields.object(properties, "scaleConfiguration"), faults);
    ObjectNode dynamic = Fields.object(properties, "dynamicPoolConfiguration");
    LifecycleRules.check(Fields.object(dynamic, "lifecycleConfiguration"), limits, faults);
    network(Fields.object(properties, "sessionNetworkConfiguration"), faults);
    PoolIdentities.check(document, properties, faults);
    new TemplateRules(limits, faults).check(document, properties);
  }

  private static void environment(ObjectNode properties, Faults faults) {
    String target = PROPERTIES + "environmentId";
    String id = Fields.text(properties, "environmentId").orElse("");
    if (id.isEmpty()) {
      faults.add(target, "is required: the resource id of a managed environment.");
    } else if (ResourceId.parse(id).filter(it -> it.isOf(ResourceId.ENVIRONMENTS)).isEmpty()) {
      faults.add(
          target,
          "'"
              + id
              + "' is not a resource id like '/subscriptions/.../resourceGroups/.../providers/"
              + ResourceId.ENVIRONMENTS
              + "/NAME'.");
    }
  }

  private static void types(ObjectNode properties, Faults faults) {
    String type = Fields.text(properties, "containerType").orElse("CustomContainer");
    if (type.equalsIgnoreCase("CustomContainer")) {
      properties.put("containerType", "CustomContainer");
    } else {
      faults.add(
          "SessionTypeNotSupportedInRegion",
          PROPERTIES + "containerType",
          "'" + type + "' is not supported here. Supported values are [CustomContainer].");
    }
    String management = Fields.text(properties, "poolManagementType").orElse("Dynamic");
    if (management.equalsIgnoreCase("Dynamic")) {
      properties.put("poolManagementType", "Dynamic");
    } else {
      faults.add(
          "SessionPoolInvalidPoolManagementType",
          PROPERTIES + "poolManagementType",
          "'" + management + "' is not supported. Supported values are [Dynamic].");
    }
  }

  private void scale(ObjectNode scale, Faults faults) {
    long max = Fields.whole(scale, "maxConcurrentSessions").orElse((long) DEFAULT_MAX);
    scale.put("maxConcurrentSessions", max);
    range(max, 1, limits.sessionsMax(), SCALE + "maxConcurrentSessions", faults);
    Optional<Long> given = Fields.whole(scale, "readySessionInstances");
    long ready = given.orElse((long) DEFAULT_READY);
    scale.put("readySessionInstances", ready);
    boolean mayEqual = limits.readyMin() == 0;
    long bound = mayEqual ? max : max - 1;
    // Without a valid maximum only the lower end can be told.
    boolean tooMany = ready > bound && !faults.has(SCALE + "maxConcurrentSessions");
    if (ready < limits.readyMin() || tooMany) {
      faults.add(
          "SessionPoolInvalidReadySessionInstances",
          SCALE + "readySessionInstances",
          ready
              + (given.isPresent() ? "" : " (the default)")
              + " is not supported. Supported values should be "
              + (mayEqual ? "at least 0 and at most" : "greater than 0 and smaller than")
              + " maxConcurrentSessions ("
              + max
              + ").");
    }
  }

  private static void network(ObjectNode network, Faults faults) {
    String status = Fields.text(network, "status").orElse(NetworkStatus.EGRESS_DISABLED.wire());
    try {
      network.put("status", NetworkStatus.ofWire(status).wire());
    } catch (IllegalArgumentException e) {
      faults.add(
          PROPERTIES + "sessionNetworkConfiguration.status",
          "'" + status + "' is not one of EgressEnabled, EgressDisabled.");
    }
  }

  static void range(long value, long min, long max, String target, Faults faults) {
    if (value < min || value > max) {
      faults.add(target, value + " is not in the range " + min + " to " + max + ".");
    }
  }
}
