package dev.sandpool.server.management;

import dev.sandpool.model.Json;
import dev.sandpool.model.MergePatch;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.role.Action;
import dev.sandpool.server.time.Time;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.Lock;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/**
 * User-assigned identities: PUT, PATCH, GET, DELETE and lists. One that is deleted is gone for all
 * pools that have it.
 */
final class UserIdentitiesResource {
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

  private final Ledger ledger;
  private final Time time;
  private final Pages pages;
  private final Tenancy tenancy;
  private final Lock changes;

  UserIdentitiesResource(ManagementParts parts, ManagementSettings settings, Lock changes) {
    this.ledger = parts.ledger();
    this.time = parts.time();
    this.pages = new Pages(ledger, settings.address());
    this.tenancy = settings.tenancy();
    this.changes = changes;
  }

  Answer list(Call call) {
    return pages.answer(
        call, TYPE, Action.IDENTITY_READ, page -> page.stream().map(this::body).toList());
  }

  Answer get(Call call) {
    ResourceRecord identity = existing(call);
    return call.conditions().unchanged(identity)
        ? Answer.empty(304).with("ETag", Preconditions.tag(identity))
        : answer(200, identity);
  }

  Answer put(Call call) {
    call.checkGroup();
    changes.lock();
    try {
      Optional<ResourceRecord> old = ledger.resource(call.resource(TYPE).toString());
      call.conditions().checkChange(old);
      return answer(old.isEmpty() ? 201 : 200, write(call, old, Fields.empty()));
    } finally {
      changes.unlock();
    }
  }

  Answer patch(Call call) {
    changes.lock();
    try {
      ResourceRecord old = existing(call);
      call.conditions().checkChange(Optional.of(old));
      return answer(200, write(call, Optional.of(old), Documents.parse(old)));
    } finally {
      changes.unlock();
    }
  }

  Answer delete(Call call) {
    changes.lock();
    try {
      Optional<ResourceRecord> old = ledger.resource(call.resource(TYPE).toString());
      call.conditions().checkChange(old);
      old.ifPresent(
          identity -> {
            RoleAssignments.deleteBelow(ledger, identity.id());
            ledger.deleteResource(identity.id());
          });
      return Answer.empty(old.isPresent() ? 200 : 204);
    } finally {
      changes.unlock();
    }
  }

  private ResourceRecord write(Call call, Optional<ResourceRecord> old, ObjectNode base) {
    var faults = new Faults();
    ResourceId id = call.resource(TYPE);
    if (old.isEmpty() && !NAME.matcher(id.name()).matches()) {
      faults.add(
          "InvalidResourceName",
          "name",
          "'"
              + id.name()
              + "' must have 3 to 128 letters, digits, hyphens and underscores, and begin with a"
              + " letter or digit.");
    }
    ObjectNode given = Shape.read(BODY, call.json(), faults, call.ignored());
    var document = (ObjectNode) MergePatch.apply(base, given);
    Locations.check(Fields.text(document, "location").orElse(""), faults);
    TagRules.check(document, faults);
    faults.throwIfAny();
    Optional<ObjectNode> before = old.map(Documents::parse);
    before.ifPresent(
        it ->
            Locations.checkSame(
                id.toString(),
                it.path("location").asString(""),
                document.path("location").asString("")));
    for (String name : IDS) {
      document.put(
          name,
          before
              .flatMap(it -> Fields.text(it, name))
              .orElseGet(() -> UUID.randomUUID().toString()));
    }
    if (before.isPresent() && before.get().equals(Json.MAPPER.readTree(document.toString()))) {
      return old.orElseThrow();
    }
    Instant now = time.now();
    String who = call.principal().name();
    var identity =
        new ResourceRecord(
            old.map(ResourceRecord::id).orElse(id.toString()),
            TYPE,
            document.toString(),
            old.map(ResourceRecord::createdBy).orElse(who),
            old.map(ResourceRecord::createdAt).orElse(now),
            who,
            now);
    ledger.putResource(identity);
    return identity;
  }

  private ResourceRecord existing(Call call) {
    ResourceId id = call.resource(TYPE);
    return ledger.resource(id.toString()).orElseThrow(() -> NotFound.of(id));
  }

  private Answer answer(int status, ResourceRecord identity) {
    return Answer.of(status, body(identity)).with("ETag", Preconditions.tag(identity));
  }

  private ObjectNode body(ResourceRecord identity) {
    ObjectNode document = Documents.parse(identity);
    ObjectNode body = Fields.empty();
    body.put("id", identity.id());
    body.put("name", ResourceId.parse(identity.id()).orElseThrow().name());
    body.put("type", TYPE);
    body.put("location", Locations.normal(document.path("location").asString("")));
    Fields.value(document, "tags").ifPresent(tags -> body.set("tags", tags));
    body.set("systemData", Documents.systemData(identity, false));
    ObjectNode properties = body.putObject("properties");
    properties.put("tenantId", tenancy.tenant());
    IDS.forEach(name -> properties.set(name, document.path(name)));
    return body;
  }
}
