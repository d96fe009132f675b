package dev.sandpool.server.usage;

import dev.sandpool.model.ResourceId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.PoolHour;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** By what usage can be added up. */
public enum UsageKey {
  SUBSCRIPTION("subscription"),
  RESOURCE_GROUP("resource-group"),
  POOL("pool"),
  SANDBOX("sandbox"),
  TAG("tag"),
  DAY("day"),
  HOUR("hour");

  private final String label;

  UsageKey(String label) {
    this.label = label;
  }

  /** As users type it. */
  public String label() {
    return label;
  }

  /** The one of that label. */
  public static Optional<UsageKey> labelled(String label) {
    return Arrays.stream(values()).filter(key -> key.label.equals(label)).findFirst();
  }

  /** Puts the columns that tell rows apart; of a pool also where it is. */
  void put(Map<String, String> columns, PoolHour hour, ResourceId pool, String tag) {
    switch (this) {
      case SUBSCRIPTION -> columns.put("subscription", pool.subscription());
      case RESOURCE_GROUP -> {
        SUBSCRIPTION.put(columns, hour, pool, tag);
        columns.put("resourceGroup", pool.group());
      }
      case POOL -> {
        RESOURCE_GROUP.put(columns, hour, pool, tag);
        columns.put("pool", pool.name());
      }
      case SANDBOX -> {
        POOL.put(columns, hour, pool, tag);
        SandboxId sandbox = hour.sandbox();
        columns.put("sandbox", sandbox == null ? "" : sandbox.value());
      }
      case TAG -> columns.put("tag", hour.tags().getOrDefault(tag, ""));
      case DAY -> columns.put("day", hour.hour().atOffset(ZoneOffset.UTC).toLocalDate().toString());
      case HOUR -> columns.put("hour", hour.hour().toString());
    }
  }
}
