package dev.sandpool.server.management;

import dev.sandpool.server.engine.EngineInfo;
import tools.jackson.databind.node.ObjectNode;

/** How answers show what stands between a sandbox and the host. */
final class IsolationView {
  static final String LABEL = "sandpoolIsolation";
  static final String CAUTION = "sandpoolIsolationCaution";

  private IsolationView() {}

  /** Adds the label, and a caution where there is reason for one. */
  static void add(ObjectNode properties, EngineInfo engine) {
    properties.put(LABEL, engine.isolation().label());
    engine.caution().ifPresent(caution -> properties.put(CAUTION, caution));
  }
}
