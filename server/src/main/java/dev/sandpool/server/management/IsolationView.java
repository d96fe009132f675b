package dev.sandpool.server.management;

import dev.sandpool.model.Isolation;
import tools.jackson.databind.node.ObjectNode;

/** How answers show what stands between a sandbox and the host. */
final class IsolationView {
  static final String LABEL = "sandpoolIsolation";
  static final String CAUTION = "sandpoolIsolationCaution";

  private IsolationView() {}

  /** Adds the label, and a caution where there is reason for one. */
  static void add(ObjectNode properties, Isolation isolation) {
    properties.put(LABEL, isolation.label());
    isolation.caution().ifPresent(caution -> properties.put(CAUTION, caution));
  }
}
