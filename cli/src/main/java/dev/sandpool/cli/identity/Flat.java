package dev.sandpool.cli.identity;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** An identity as az prints it: its ids stand beside its name. */
final class Flat {
  static final String COLUMNS =
      "{Name: name, ResourceGroup: resourceGroup, Location: location, PrincipalId: principalId,"
          + " ClientId: clientId}";

  private Flat() {}

  static JsonNode of(JsonNode identity) {
    if (identity instanceof ObjectNode object
        && object.remove("properties") instanceof ObjectNode p) {
      p.properties().forEach(it -> object.set(it.getKey(), it.getValue()));
    }
    return identity;
  }
}
