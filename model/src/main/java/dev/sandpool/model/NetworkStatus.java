package dev.sandpool.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Whether sandboxes of a pool may reach the internet (contract 1.2, sessionNetworkConfiguration).
 */
public enum NetworkStatus {
  EGRESS_DISABLED("EgressDisabled"),
  EGRESS_ENABLED("EgressEnabled");

  private final String wire;

  NetworkStatus(String wire) {
    this.wire = wire;
  }

  /** The contract's spelling. */
  @JsonValue
  public String wire() {
    return wire;
  }

  /**
   * The status of that name, matched without regard to case as the live service does.
   *
   * @throws IllegalArgumentException naming value and accepted ones
   */
  @JsonCreator
  public static NetworkStatus ofWire(String wire) {
    for (NetworkStatus value : values()) {
      if (value.wire.equalsIgnoreCase(wire)) {
        return value;
      }
    }
    throw new IllegalArgumentException(
        "'" + wire + "' is not one of EgressEnabled, EgressDisabled");
  }
}
