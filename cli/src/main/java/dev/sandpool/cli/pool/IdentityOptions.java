package dev.sandpool.cli.pool;

import dev.sandpool.cli.rest.Ids;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The identities that a pool has, and that its sessions may use (contract 6). */
final class IdentityOptions {
  private static final String SYSTEM = "system";

  @Option(
      names = "--mi-system-assigned",
      description = "Gives the pool an identity of its own, which its sessions may use.",
      order = 44)
  boolean system;

  @Option(
      names = "--mi-user-assigned",
      arity = "1..*",
      paramLabel = "NAME_OR_ID",
      description = "Identities of yours that the pool's sessions may use.",
      order = 45)
  @Nullable List<String> users;

  boolean given() {
    return system || users != null;
  }

  /**
   * Adds what the pool is given; nothing if it is given nothing.
   *
   * @param registry the identity that pulls the image, null if none does
   * @param before the pool's identity as it is; what it has stays if only the image's is named
   */
  void addTo(
      ObjectNode body,
      ObjectNode properties,
      @Nullable String registry,
      JsonNode before,
      Named named) {
    boolean kept = !given() && registry != null;
    String type = kept ? before.path("type").asString("") : "";
    boolean own = system || SYSTEM.equalsIgnoreCase(registry) || type.startsWith("SystemAssigned");
    Set<String> ids = new LinkedHashSet<>();
    if (kept) {
      ids.addAll(before.path("userAssignedIdentities").propertyNames());
    }
    typed().forEach(user -> ids.add(named.id(user.toLowerCase(Locale.ROOT))));
    if (registry != null && !SYSTEM.equalsIgnoreCase(registry)) {
      ids.add(named.id(registry));
    }
    if (own || !ids.isEmpty()) {
      ObjectNode identity = body.putObject("identity");
      identity.put("type", typeOf(own, !ids.isEmpty()));
      if (!ids.isEmpty()) {
        ObjectNode users = identity.putObject("userAssignedIdentities");
        ids.forEach(users::putObject);
      }
    }
    if (given()) {
      properties.set("managedIdentitySettings", settings(named));
    }
  }

  private static String typeOf(boolean own, boolean users) {
    if (own) {
      return users ? "SystemAssigned, UserAssigned" : "SystemAssigned";
    }
    return "UserAssigned";
  }

  /** For each identity that in sessions it may be used: without it, it only pulls images. */
  private ArrayNode settings(Named named) {
    ArrayNode settings = JsonNodeFactory.instance.arrayNode();
    if (system) {
      settings.addObject().put("identity", SYSTEM).put("lifecycle", "Main");
    }
    typed()
        .forEach(
            user ->
                settings
                    .addObject()
                    .put("identity", named.id(user.toLowerCase(Locale.ROOT)))
                    .put("lifecycle", "Main"));
    return settings;
  }

  private List<String> typed() {
    return users == null ? List.of() : users;
  }

  /** Where an identity that was named without a path is. */
  record Named(Ids ids, String group) {
    String id(String nameOrId) {
      return ids.identity(group, nameOrId);
    }
  }
}
