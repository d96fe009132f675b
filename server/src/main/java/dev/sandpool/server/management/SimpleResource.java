package dev.sandpool.server.management;

import dev.sandpool.model.Json;
import dev.sandpool.model.MergePatch;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.time.Time;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import tools.jackson.databind.node.ObjectNode;

/**
 * Resources of one kind that are as soon as they are written: PUT, PATCH, GET, DELETE and lists,
 * without an operation to wait for.
 */
final class SimpleResource {
  private final SimpleKind kind;
  private final Ledger ledger;
  private final Time time;
  private final Pages pages;
  private final Lock changes;

  SimpleResource(
      SimpleKind kind, ManagementParts parts, ManagementSettings settings, Lock changes) {
    this.kind = kind;
    this.ledger = parts.ledger();
    this.time = parts.time();
    this.pages = new Pages(ledger, settings.address());
    this.changes = changes;
  }

  Answer list(Call call) {
    return pages.answer(call, kind.type(), kind.read(), this::bodies);
  }

  private List<ObjectNode> bodies(List<ResourceRecord> page) {
    return page.stream().map(this::body).toList();
  }

  Answer get(Call call) {
    ResourceRecord resource = existing(call);
    return call.conditions().unchanged(resource)
        ? Answer.empty(304).with("ETag", Preconditions.tag(resource))
        : answer(200, resource);
  }

  Answer put(Call call) {
    call.checkGroup();
    changes.lock();
    try {
      Optional<ResourceRecord> old = ledger.resource(id(call).toString());
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
      Optional<ResourceRecord> old = ledger.resource(id(call).toString());
      call.conditions().checkChange(old);
      old.ifPresent(
          resource -> {
            RoleAssignments.deleteBelow(ledger, resource.id());
            ledger.deleteResource(resource.id());
          });
      return Answer.empty(old.isPresent() ? 200 : 204);
    } finally {
      changes.unlock();
    }
  }

  private ResourceRecord write(Call call, Optional<ResourceRecord> old, ObjectNode base) {
    var faults = new Faults();
    ResourceId id = id(call);
    if (old.isEmpty() && !kind.name().matcher(id.name()).matches()) {
      String fault = "'" + id.name() + "' " + kind.nameRule();
      faults.add("InvalidResourceName", "name", fault);
    }
    ObjectNode given = Shape.read(kind.shape(), call.json(), faults, call.ignored());
    var document = (ObjectNode) MergePatch.apply(base, given);
    Locations.check(location(document), faults);
    TagRules.check(document, faults);
    kind.check(document, faults);
    faults.throwIfAny();
    Optional<ObjectNode> before = old.map(Documents::parse);
    before.ifPresent(it -> Locations.checkSame(id.toString(), location(it), location(document)));
    kind.complete(document, before);
    if (before.isPresent() && before.get().equals(Json.MAPPER.readTree(document.toString()))) {
      return old.orElseThrow();
    }
    ResourceRecord resource = record(call, id, old, document);
    ledger.putResource(resource);
    return resource;
  }

  private ResourceRecord record(
      Call call, ResourceId id, Optional<ResourceRecord> old, ObjectNode document) {
    Instant now = time.now();
    String who = call.principal().name();
    return new ResourceRecord(
        old.map(ResourceRecord::id).orElse(id.toString()),
        kind.type(),
        document.toString(),
        old.map(ResourceRecord::createdBy).orElse(who),
        old.map(ResourceRecord::createdAt).orElse(now),
        who,
        now);
  }

  /**
   * The resource that the call's path names.
   *
   * @throws dev.sandpool.model.ArmException 404 if there is none
   */
  ResourceRecord existing(Call call) {
    ResourceId id = id(call);
    return ledger.resource(id.toString()).orElseThrow(() -> NotFound.of(id));
  }

  private ResourceId id(Call call) {
    return call.resource(kind.type());
  }

  private static String location(ObjectNode document) {
    return document.path("location").asString("");
  }

  private Answer answer(int status, ResourceRecord resource) {
    return Answer.of(status, body(resource)).with("ETag", Preconditions.tag(resource));
  }

  private ObjectNode body(ResourceRecord resource) {
    ObjectNode document = Documents.parse(resource);
    ObjectNode body = Fields.empty();
    body.put("id", resource.id());
    body.put("name", ResourceId.parse(resource.id()).orElseThrow().name());
    body.put("type", kind.type());
    body.put("location", Locations.normal(location(document)));
    Fields.value(document, "tags").ifPresent(tags -> body.set("tags", tags));
    body.set("systemData", Documents.systemData(resource, false));
    kind.show(document, resource, body);
    return body;
  }
}
