package dev.sandpool.server.management;

import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.ResourceRecord;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Which resource groups hold something, whether they were made or only named. */
final class Groups {
  static final String TYPE = "Microsoft.Resources/resourceGroups";

  /** The types of what is in groups. */
  static final List<String> CONTENTS =
      List.of(
          ResourceId.ENVIRONMENTS,
          ResourceId.SESSION_POOLS,
          LogAnalyticsWorkspaces.TYPE,
          UserIdentities.TYPE);

  private Groups() {}

  /** The groups at or below a scope that hold something, by id, each with one that it holds. */
  static Map<String, ResourceRecord> holders(Ledger ledger, String scope) {
    Map<String, ResourceRecord> groups = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String type : CONTENTS) {
      for (ResourceRecord resource : ledger.resources(type, scope)) {
        ResourceId.parse(resource.id())
            .ifPresent(id -> groups.putIfAbsent(id(id.subscription(), id.group()), resource));
      }
    }
    return groups;
  }

  static String id(String subscription, String group) {
    return "/subscriptions/" + subscription + "/resourceGroups/" + group;
  }

  /** What ids are compared by. */
  static String key(String id) {
    return id.toLowerCase(Locale.ROOT);
  }
}
