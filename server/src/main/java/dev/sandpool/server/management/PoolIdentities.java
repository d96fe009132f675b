package dev.sandpool.server.management;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.workload.Grant;
import dev.sandpool.server.workload.Grants;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The identities of session pools (contract, part 6): which there are, and which of them the
 * containers may use. A pool's own stands in its document; the others are resources.
 */
public final class PoolIdentities implements Grants {
  static final String SYSTEM = "system";
  private static final String IDENTITY = "identity";
  private static final String USERS = "userAssignedIdentities";
  private static final String SETTINGS = "managedIdentitySettings";
  private static final String PRINCIPAL = "principalId";
  private static final String CLIENT = "clientId";

  private final Ledger ledger;

  /** Those in that ledger. */
  public PoolIdentities(Ledger ledger) {
    this.ledger = ledger;
  }

  // --- rules -----------------------------------------------------------------------------------

  /** Checks what the document says of identities, and brings it into one form. */
  static void check(ObjectNode document, ObjectNode properties, Faults faults) {
    ObjectNode identity = Fields.object(document, IDENTITY);
    String given = Fields.text(identity, "type").orElse("None");
    Set<String> kinds = kinds(given);
    boolean system = kinds.remove("systemassigned");
    boolean users = kinds.remove("userassigned");
    kinds.remove("none");
    if (!kinds.isEmpty()) {
      faults.add(
          "identity.type",
          "'"
              + given
              + "' is not one of None, SystemAssigned, UserAssigned,"
              + " 'SystemAssigned,UserAssigned'.");
      return;
    }
    identity.put("type", type(system, users));
    if (!users) {
      identity.remove(USERS);
    } else if (named(identity).isEmpty()) {
      faults.add("identity." + USERS, "is required where the type has UserAssigned.");
    }
    settings(identity, properties, system, faults);
  }

  private static Set<String> kinds(String type) {
    Set<String> kinds = new HashSet<>();
    for (String kind : type.split(",", -1)) {
      kinds.add(kind.strip().toLowerCase(Locale.ROOT));
    }
    return kinds;
  }

  private static String type(boolean system, boolean users) {
    if (system) {
      return users ? "SystemAssigned,UserAssigned" : "SystemAssigned";
    }
    return users ? "UserAssigned" : "None";
  }

  private static void settings(
      ObjectNode identity, ObjectNode properties, boolean system, Faults faults) {
    List<JsonNode> given = Fields.elements(properties, SETTINGS);
    ArrayNode settled = properties.putArray(SETTINGS);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < given.size(); i++) {
      String at = "properties." + SETTINGS + "[" + i + "].";
      String which = Fields.text(given.get(i), IDENTITY).orElse("");
      String lifecycle = Fields.text(given.get(i), "lifecycle").orElse("None");
      boolean known =
          which.equalsIgnoreCase(SYSTEM)
              ? system
              : named(identity).stream().anyMatch(which::equalsIgnoreCase);
      if (!known) {
        faults.add(
            at + IDENTITY,
            "'"
                + which
                + "' is not an identity of the pool: 'system' or an id of identity."
                + USERS
                + ".");
      } else if (!seen.add(which.toLowerCase(Locale.ROOT))) {
        faults.add(at + IDENTITY, "'" + which + "' is given more than once.");
      }
      boolean main = lifecycle.equalsIgnoreCase("Main");
      if (!main && !lifecycle.equalsIgnoreCase("None")) {
        faults.add(at + "lifecycle", "'" + lifecycle + "' is not one of None, Main.");
      }
      settled
          .addObject()
          .put(IDENTITY, which.equalsIgnoreCase(SYSTEM) ? SYSTEM : which)
          .put("lifecycle", main ? "Main" : "None");
    }
  }

  /** Whether the pool has that identity: {@code system} or a resource id. */
  static boolean has(JsonNode document, String which) {
    JsonNode identity = document.path(IDENTITY);
    return which.equalsIgnoreCase(SYSTEM)
        ? isSystemAssigned(identity)
        : named(identity).stream().anyMatch(which::equalsIgnoreCase);
  }

  private static boolean isSystemAssigned(JsonNode identity) {
    return identity.path("type").asString("").startsWith("SystemAssigned");
  }

  private static List<String> named(JsonNode identity) {
    return List.copyOf(identity.path(USERS).propertyNames());
  }

  /**
   * Gives the pool's own identity its ids, which it keeps as long as it has it, and looks for the
   * others.
   *
   * @param given told of each that the pool did not have before; may refuse it
   */
  void settle(ObjectNode document, ObjectNode before, Faults faults, Consumer<String> given) {
    ObjectNode identity = Fields.object(document, IDENTITY);
    if (isSystemAssigned(identity)) {
      JsonNode old = before.path(IDENTITY);
      for (String id : List.of(PRINCIPAL, CLIENT)) {
        identity.put(id, Fields.text(old, id).orElseGet(() -> UUID.randomUUID().toString()));
      }
    } else {
      identity.remove(List.of(PRINCIPAL, CLIENT));
    }
    List<String> had = named(before.path(IDENTITY));
    for (String id : named(identity)) {
      boolean fresh = had.stream().noneMatch(id::equalsIgnoreCase);
      if (fresh && ResourceId.parse(id).isPresent()) {
        given.accept(id);
      }
      if (user(id).isEmpty()) {
        faults.add(
            "FailedIdentityOperation",
            "identity." + USERS,
            "there is no identity '" + id + "'; make it first (" + UserIdentities.TYPE + ").");
      }
    }
  }

  private Optional<ResourceRecord> user(String id) {
    return ResourceId.parse(id)
        .filter(it -> it.isOf(UserIdentities.TYPE))
        .flatMap(it -> ledger.resource(id));
  }

  // --- use -------------------------------------------------------------------------------------

  /** Whether containers of a pool with that document may use any. */
  static boolean anyGiven(JsonNode document) {
    return Fields.elements(document, "properties", SETTINGS).stream()
        .anyMatch(PoolIdentities::isMain);
  }

  private static boolean isMain(JsonNode setting) {
    return Fields.text(setting, "lifecycle").filter("Main"::equals).isPresent();
  }

  @Override
  public List<Grant> of(PoolId pool) {
    Optional<ResourceRecord> resource =
        ledger
            .pool(pool)
            .filter(it -> !it.deleting())
            .flatMap(it -> ledger.resource(it.resourceId()));
    List<Grant> grants = new ArrayList<>();
    if (resource.isPresent()) {
      ObjectNode document = Documents.parse(resource.get());
      for (JsonNode setting : Fields.elements(document, "properties", SETTINGS)) {
        if (isMain(setting)) {
          grant(resource.get(), document, setting.path(IDENTITY).asString(""))
              .ifPresent(grants::add);
        }
      }
    }
    return grants;
  }

  /**
   * An identity of that pool, whatever its containers may use.
   *
   * @param which {@code system} or a resource id
   */
  public Optional<Grant> find(String poolResourceId, String which) {
    return ledger
        .resource(poolResourceId)
        .flatMap(
            pool -> {
              ObjectNode document = Documents.parse(pool);
              return has(document, which) ? grant(pool, document, which) : Optional.empty();
            });
  }

  /**
   * Whether there is an identity with that principal id: one of its own, or a pool's. Reads all of
   * them.
   */
  public boolean lives(String principalId) {
    return !principalId.isEmpty()
        && Stream.of(UserIdentities.TYPE, ResourceId.SESSION_POOLS)
            .flatMap(type -> ledger.resources(type, "").stream())
            .map(Documents::parse)
            .anyMatch(
                it ->
                    it.path(PRINCIPAL).asString("").equals(principalId)
                        || it.path(IDENTITY).path(PRINCIPAL).asString("").equals(principalId));
  }

  private Optional<Grant> grant(ResourceRecord pool, JsonNode document, String which) {
    if (which.equalsIgnoreCase(SYSTEM)) {
      JsonNode identity = document.path(IDENTITY);
      return Fields.text(identity, PRINCIPAL)
          .flatMap(
              principal ->
                  Fields.text(identity, CLIENT)
                      .map(client -> new Grant(pool.id(), true, principal, client)));
    }
    return user(which).map(PoolIdentities::grant);
  }

  private static Grant grant(ResourceRecord user) {
    ObjectNode document = Documents.parse(user);
    return new Grant(
        user.id(), false, document.path(PRINCIPAL).asString(), document.path(CLIENT).asString());
  }

  // --- view ------------------------------------------------------------------------------------

  /** {@code identity} as answers show it. */
  ObjectNode shown(JsonNode document, String tenant) {
    JsonNode identity = document.path(IDENTITY);
    ObjectNode shown = Fields.empty();
    shown.put("type", Fields.text(identity, "type").orElse("None"));
    Fields.text(identity, PRINCIPAL)
        .ifPresent(principal -> shown.put(PRINCIPAL, principal).put("tenantId", tenant));
    List<String> users = named(identity);
    if (!users.isEmpty()) {
      ObjectNode all = shown.putObject(USERS);
      users.forEach(
          id -> {
            ObjectNode one = all.putObject(id);
            user(id)
                .map(PoolIdentities::grant)
                .ifPresent(it -> one.put(PRINCIPAL, it.principalId()).put(CLIENT, it.clientId()));
          });
    }
    return shown;
  }

  /** {@code managedIdentitySettings} as answers show them. */
  static ArrayNode settings(JsonNode properties) {
    ArrayNode shown = Fields.empty().putArray(SETTINGS);
    Fields.elements(properties, SETTINGS).forEach(shown::add);
    return shown;
  }
}
