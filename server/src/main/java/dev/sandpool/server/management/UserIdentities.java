package dev.sandpool.server.management;

import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.role.Action;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** User-assigned identities. One that is deleted is gone for all pools that have it. */
final class UserIdentities implements SimpleKind {
  static final String TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{2,127}");
  private static final List<String> IDS = List.of("principalId", "clientId");

  private static final Shape.Obj BODY =
      Shape.Obj.of(
          "location",
          Shape.Value.TEXT,
          "tags",
          new Shape.Strings(),
          "properties",
          Shape.Value.READ_ONLY,
          "id",
          Shape.Value.READ_ONLY,
          "name",
          Shape.Value.READ_ONLY,
          "type",
          Shape.Value.READ_ONLY,
          "systemData",
          Shape.Value.READ_ONLY);

  private final Tenancy tenancy;

  UserIdentities(Tenancy tenancy) {
    this.tenancy = tenancy;
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Action read() {
    return Action.IDENTITY_READ;
  }

  @Override
  public Pattern name() {
    return NAME;
  }

  @Override
  public String nameRule() {
    return "must have 3 to 128 letters, digits, hyphens and underscores, and begin with a letter"
        + " or digit.";
  }

  @Override
  public Shape.Obj shape() {
    return BODY;
  }

  @Override
  public void check(ObjectNode document, Faults faults) {
    // Nothing of an identity is the caller's to choose but location and tags.
  }

  @Override
  public void complete(ObjectNode document, Optional<ObjectNode> before) {
    for (String name : IDS) {
      Optional<String> known = before.flatMap(it -> Fields.text(it, name));
      document.put(name, known.orElseGet(() -> UUID.randomUUID().toString()));
    }
  }

  @Override
  public void show(ObjectNode document, ResourceRecord identity, ObjectNode body) {
    ObjectNode properties = body.putObject("properties");
    properties.put("tenantId", tenancy.tenant());
    IDS.forEach(name -> properties.set(name, document.path(name)));
  }
}
