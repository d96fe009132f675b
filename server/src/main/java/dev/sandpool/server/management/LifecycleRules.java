package dev.sandpool.server.management;

import dev.sandpool.server.ledger.Lifecycle;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code lifecycleConfiguration} must keep to (contract 1.2 and 5), and what it means. */
final class LifecycleRules {
  private static final String AT = "properties.dynamicPoolConfiguration.lifecycleConfiguration.";
  private static final String TYPE = "lifecycleType";
  private static final String COOLDOWN = "cooldownPeriodInSeconds";
  private static final String MAX_ALIVE = "maxAlivePeriodInSeconds";
  private static final String TIMED = "Timed";
  private static final String ON_EXIT = "OnContainerExit";
  private static final int DEFAULT_COOLDOWN = 300;
  private static final int DEFAULT_MAX_ALIVE = 3600;
  private static final int LEAST_MAX_ALIVE = 60;
  private static final int MOST_MAX_ALIVE = 86_400;

  private LifecycleRules() {}

  /** Checks it and fills in what is absent. */
  static void check(ObjectNode lifecycle, PoolLimits limits, Faults faults) {
    String type = Fields.text(lifecycle, TYPE).orElse(TIMED);
    if (type.equalsIgnoreCase(TIMED)) {
      period(lifecycle, COOLDOWN, DEFAULT_COOLDOWN);
      PoolRules.range(
          seconds(lifecycle, COOLDOWN),
          limits.cooldownMin(),
          limits.cooldownMax(),
          AT + COOLDOWN,
          faults);
      lifecycle.put(TYPE, TIMED);
      without(lifecycle, MAX_ALIVE, TIMED, faults);
    } else if (type.equalsIgnoreCase(ON_EXIT)) {
      period(lifecycle, MAX_ALIVE, DEFAULT_MAX_ALIVE);
      PoolRules.range(
          seconds(lifecycle, MAX_ALIVE), LEAST_MAX_ALIVE, MOST_MAX_ALIVE, AT + MAX_ALIVE, faults);
      lifecycle.put(TYPE, ON_EXIT);
      without(lifecycle, COOLDOWN, ON_EXIT, faults);
    } else {
      faults.add(
          AT + TYPE,
          "'" + type + "' is not supported. Supported values are [Timed, OnContainerExit].");
    }
  }

  private static void period(ObjectNode lifecycle, String name, long otherwise) {
    lifecycle.put(name, Fields.whole(lifecycle, name).orElse(otherwise));
  }

  private static void without(ObjectNode lifecycle, String name, String type, Faults faults) {
    Fields.whole(lifecycle, name)
        .ifPresent(
            seconds ->
                faults.add(
                    AT + name, seconds + " is not supported with lifecycleType '" + type + "'."));
    lifecycle.remove(name);
  }

  /**
   * Takes the other type's period out of a stored document that a patch gives another type: whoever
   * changes the type need not know what was there.
   */
  static void makeWay(ObjectNode before, JsonNode patch) {
    String[] path = {"properties", "dynamicPoolConfiguration", "lifecycleConfiguration"};
    String wanted = Fields.text(Fields.value(patch, path).orElse(patch), TYPE).orElse("");
    if (Fields.value(before, path).orElse(null) instanceof ObjectNode stored
        && !wanted.isEmpty()
        && !wanted.equalsIgnoreCase(Fields.text(stored, TYPE).orElse(""))) {
      stored.remove(COOLDOWN);
      stored.remove(MAX_ALIVE);
    }
  }

  /** What the checked properties of a pool mean. */
  static Lifecycle read(JsonNode properties) {
    JsonNode lifecycle = properties.path("dynamicPoolConfiguration").path("lifecycleConfiguration");
    return Fields.text(lifecycle, TYPE).orElseThrow().equals(TIMED)
        ? new Lifecycle.Timed(Duration.ofSeconds(seconds(lifecycle, COOLDOWN)))
        : new Lifecycle.OnContainerExit(Duration.ofSeconds(seconds(lifecycle, MAX_ALIVE)));
  }

  private static long seconds(JsonNode lifecycle, String name) {
    return Fields.whole(lifecycle, name).orElseThrow();
  }
}
