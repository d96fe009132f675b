package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.role.Action;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The resource providers, of which clients ask for {@code Microsoft.App} before each command: all
 * registered (contract 1.7).
 */
final class ProviderResource {
  private final Ledger ledger;

  ProviderResource(Ledger ledger) {
    this.ledger = ledger;
  }

  Answer list(Call call) {
    Map<String, String> locations = locations();
    ObjectNode body = Fields.empty();
    ArrayNode value = body.putArray("value");
    Namespaces.all().forEach(it -> value.add(body(call.subscription(), it, locations)));
    return Answer.of(200, body);
  }

  /** Also the answer to POST {@code register}: all are registered. */
  Answer get(Call call) {
    String name = call.parameter("namespace");
    Namespaces.Namespace namespace =
        Namespaces.of(name)
            .orElseThrow(
                () ->
                    new ArmException(
                        404,
                        "InvalidResourceNamespace",
                        "The resource namespace '" + name + "' is invalid."));
    return Answer.of(200, body(call.subscription(), namespace, locations()));
  }

  private static ObjectNode body(
      String subscription, Namespaces.Namespace namespace, Map<String, String> locations) {
    ObjectNode body = Fields.empty();
    body.put("id", "/subscriptions/" + subscription + "/providers/" + namespace.name());
    body.put("namespace", namespace.name());
    body.put("registrationPolicy", "RegistrationRequired");
    body.put("registrationState", "Registered");
    ArrayNode types = body.putArray("resourceTypes");
    namespace.types().forEach(type -> describe(types.addObject(), type, locations));
    return body;
  }

  private static void describe(
      ObjectNode shown, Namespaces.Type type, Map<String, String> locations) {
    shown.put("resourceType", type.name());
    locations.values().forEach(shown.putArray("locations")::add);
    type.versions().forEach(shown.putArray("apiVersions")::add);
    String newest =
        type.versions().stream()
            .filter(version -> !version.endsWith("-preview"))
            .findFirst()
            .orElseThrow();
    shown.put("defaultApiVersion", newest);
    shown.put("capabilities", "SupportsTags, SupportsLocation");
  }

  /** {@code GET /providers/Microsoft.App/operations}: what roles name. */
  Answer operations(Call call) {
    ObjectNode body = Fields.empty();
    ArrayNode value = body.putArray("value");
    Arrays.stream(Action.values())
        .filter(action -> action.id().startsWith(Namespaces.APP + "/"))
        .forEach(action -> operation(value, action));
    return Answer.of(200, body);
  }

  private static void operation(ArrayNode value, Action action) {
    ObjectNode operation = value.addObject();
    operation.put("name", action.id());
    operation.put("isDataAction", action.data());
    operation
        .putObject("display")
        .put("provider", "Microsoft App")
        .put("resource", action.id().split("/", 3)[1])
        .put("operation", action.words())
        .put("description", action.words());
    operation.put("origin", "user,system");
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
