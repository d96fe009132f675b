package dev.sandpool.server.management;

import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.role.Scope;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Subscriptions, tenants and regions, which clients ask for when they sign in. Any GUID is a
 * subscription; listed are the default one and those that hold something, where the caller has a
 * right there or within.
 */
final class SubscriptionsResource {
  private final Ledger ledger;
  private final Tenancy tenancy;

  SubscriptionsResource(Ledger ledger, Tenancy tenancy) {
    this.ledger = ledger;
    this.tenancy = tenancy;
  }

  Answer list(Call call) {
    Map<String, String> ids = new TreeMap<>();
    tenancy.subscription().get().ifPresent(id -> ids.put(Groups.key(id), id));
    Groups.holders(ledger, "").keySet().stream()
        .map(id -> id.split("/", 4)[2])
        .forEach(id -> ids.putIfAbsent(Groups.key(id), id));
    ledger.resources(Groups.TYPE, "").stream()
        .map(group -> group.id().split("/", 4)[2])
        .forEach(id -> ids.putIfAbsent(Groups.key(id), id));
    ObjectNode body = Fields.empty();
    ArrayNode value = body.putArray("value");
    ids.values().removeIf(id -> !call.rights().touch(Scope.of("/subscriptions/" + id)));
    ids.values().forEach(id -> value.add(body(id)));
    body.putObject("count").put("type", "Total").put("value", ids.size());
    return Answer.of(200, body);
  }

  Answer get(Call call) {
    return Answer.of(200, body(call.subscription()));
  }

  private ObjectNode body(String id) {
    ObjectNode body = Fields.empty();
    body.put("id", "/subscriptions/" + id);
    body.put("authorizationSource", "RoleBased");
    body.putArray("managedByTenants");
    body.put("subscriptionId", id);
    body.put("tenantId", tenancy.tenant());
    boolean usual = tenancy.subscription().get().filter(id::equalsIgnoreCase).isPresent();
    body.put("displayName", usual ? "Sandpool" : id);
    body.put("state", "Enabled");
    return body;
  }

  Answer tenants(Call call) {
    ObjectNode body = Fields.empty();
    body.putArray("value")
        .addObject()
        .put("id", "/tenants/" + tenancy.tenant())
        .put("tenantId", tenancy.tenant())
        .put("displayName", "Sandpool")
        .put("tenantCategory", "Home");
    return Answer.of(200, body);
  }

  /** The well-known regions; others are accepted too. */
  Answer locations(Call call) {
    ObjectNode body = Fields.empty();
    ArrayNode value = body.putArray("value");
    for (String display : Locations.SHOWN) {
      String name = Locations.normal(display);
      value
          .addObject()
          .put("id", "/subscriptions/" + call.subscription() + "/locations/" + name)
          .put("name", name)
          .put("type", "Region")
          .put("displayName", display)
          .put("regionalDisplayName", display);
    }
    return Answer.of(200, body);
  }
}
