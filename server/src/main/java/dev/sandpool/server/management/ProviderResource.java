package dev.sandpool.server.management;

import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.ResourceRecord;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The provider {@code Microsoft.App}, which clients ask for before each command: registered, with
 * two resource types (contract 1.7).
 */
final class ProviderResource {
  private final Ledger ledger;

  ProviderResource(Ledger ledger) {
    this.ledger = ledger;
  }

  Answer get(Call call) {
    ObjectNode body = Fields.empty();
    body.put("id", "/subscriptions/" + call.subscription() + "/providers/Microsoft.App");
    body.put("namespace", "Microsoft.App");
    body.put("registrationPolicy", "RegistrationRequired");
    body.put("registrationState", "Registered");
    ArrayNode types = body.putArray("resourceTypes");
    Map<String, String> locations = locations();
    describe(types.addObject(), "managedEnvironments", locations);
    describe(types.addObject(), "sessionPools", locations);
    return Answer.of(200, body);
  }

  private static void describe(ObjectNode type, String name, Map<String, String> locations) {
    type.put("resourceType", name);
    locations.values().forEach(type.putArray("locations")::add);
    ApiVersion.SUPPORTED.reversed().forEach(type.putArray("apiVersions")::add);
    type.put("defaultApiVersion", ApiVersion.NEWEST);
    type.put("capabilities", "SupportsTags, SupportsLocation");
  }

  /** Well-known ones, and those in use here whatever they are called; by their plain name. */
  private Map<String, String> locations() {
    Map<String, String> locations = new TreeMap<>();
    Locations.SHOWN.forEach(name -> locations.put(Locations.normal(name), name));
    Stream.of(ResourceId.ENVIRONMENTS, ResourceId.SESSION_POOLS)
        .flatMap(type -> ledger.resources(type, "").stream())
        .map(ProviderResource::location)
        .filter(name -> !name.isEmpty())
        .forEach(name -> locations.putIfAbsent(Locations.normal(name), name));
    return locations;
  }

  private static String location(ResourceRecord resource) {
    return Documents.parse(resource).path("location").asString("");
  }
}
