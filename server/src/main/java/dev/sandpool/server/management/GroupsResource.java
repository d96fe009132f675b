package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.Json;
import dev.sandpool.model.MergePatch;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.role.Action;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.Time;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Resource groups: GET, HEAD, PUT, PATCH, DELETE and the list. Resources need none to have been
 * made; one that holds something is there all the same. Deleting one deletes what it holds.
 */
final class GroupsResource {
  private static final Shape.Obj BODY =
      Shape.Obj.of(
          "location", Shape.Value.TEXT,
          "tags", new Shape.Strings(),
          "managedBy", Shape.Value.TEXT,
          "properties", Shape.Value.READ_ONLY,
          "id", Shape.Value.READ_ONLY,
          "name", Shape.Value.READ_ONLY,
          "type", Shape.Value.READ_ONLY);

  private static final String OPERATION = "deletion of group ";

  private final Ledger ledger;
  private final DataKey key;
  private final PoolStore store;
  private final Time time;
  private final PublicAddress address;
  private final Lock changes;

  GroupsResource(
      ManagementParts parts, ManagementSettings settings, PoolStore store, Lock changes) {
    this.ledger = parts.ledger();
    this.key = parts.key();
    this.store = store;
    this.time = parts.time();
    this.address = settings.address();
    this.changes = changes;
  }

  Answer list(Call call) {
    Map<String, ObjectNode> groups = new TreeMap<>();
    Groups.holders(ledger, call.scope())
        .forEach((id, held) -> groups.put(Groups.key(id), implied(id, held)));
    ledger
        .resources(Groups.TYPE, call.scope())
        .forEach(group -> groups.put(Groups.key(group.id()), body(group)));
    ObjectNode body = Fields.empty();
    ArrayNode value = body.putArray("value");
    groups.forEach(
        (id, group) -> {
          if (call.may(Action.GROUP_READ, id)) {
            value.add(group);
          }
        });
    return Answer.of(200, body);
  }

  Answer get(Call call) {
    return Answer.of(200, existing(call));
  }

  Answer head(Call call) {
    return Answer.empty(find(call).isPresent() ? 204 : 404);
  }

  Answer put(Call call) {
    call.checkGroup();
    changes.lock();
    try {
      Optional<ResourceRecord> old = ledger.resource(id(call));
      boolean there = find(call).isPresent();
      ObjectNode document = read(call, Fields.empty());
      ResourceRecord group = write(call, old, document);
      return Answer.of(there ? 200 : 201, body(group));
    } finally {
      changes.unlock();
    }
  }

  Answer patch(Call call) {
    changes.lock();
    try {
      ObjectNode before = existing(call);
      Optional<ResourceRecord> old = ledger.resource(id(call));
      before.retain("location", "tags", "managedBy");
      return Answer.of(200, body(write(call, old, read(call, before))));
    } finally {
      changes.unlock();
    }
  }

  private ObjectNode read(Call call, ObjectNode before) {
    var faults = new Faults();
    ObjectNode given = Shape.read(BODY, call.json(), faults, call.ignored());
    var document = (ObjectNode) MergePatch.apply(before, given);
    Locations.check(Fields.text(document, "location").orElse(""), faults);
    TagRules.check(document, faults);
    faults.throwIfAny();
    return document;
  }

  private ResourceRecord write(Call call, Optional<ResourceRecord> old, ObjectNode document) {
    old.ifPresent(
        group ->
            Locations.checkSame(
                group.id(), location(group), Fields.text(document, "location").orElse("")));
    if (old.isPresent()
        && Documents.parse(old.get()).equals(Json.MAPPER.readTree(document.toString()))) {
      return old.get();
    }
    Instant now = time.now();
    String who = call.principal().name();
    var group =
        new ResourceRecord(
            old.map(ResourceRecord::id).orElse(id(call)),
            Groups.TYPE,
            document.toString(),
            old.map(ResourceRecord::createdBy).orElse(who),
            old.map(ResourceRecord::createdAt).orElse(now),
            who,
            now);
    ledger.putResource(group);
    return group;
  }

  /** Pools take a while; everything else is gone when this is answered. */
  Answer delete(Call call) {
    changes.lock();
    try {
      String group = id(call);
      existing(call);
      refuseIfUsedFromOutside(group);
      for (PoolRecord pool : poolsOf(group)) {
        store.markDeleting(pool);
      }
      List<String> gone = new ArrayList<>();
      for (String type : Groups.CONTENTS) {
        if (!type.equals(ResourceId.SESSION_POOLS)) {
          ledger.resources(type, group).forEach(resource -> gone.add(resource.id()));
        }
      }
      RoleAssignments.deleteBelow(ledger, group);
      gone.forEach(ledger::deleteResource);
      ledger.deleteResource(group);
      return again(call, operation(call));
    } finally {
      changes.unlock();
    }
  }

  private List<PoolRecord> poolsOf(String group) {
    return store.of(ledger.resources(ResourceId.SESSION_POOLS, group)).stream()
        .map(PoolStore.Stored::pool)
        .toList();
  }

  private void refuseIfUsedFromOutside(String group) {
    String inside = Groups.key(group) + "/";
    List<String> users =
        ledger.pools().stream()
            .filter(pool -> Groups.key(pool.environmentId()).startsWith(inside))
            .map(PoolRecord::resourceId)
            .filter(id -> !Groups.key(id).startsWith(inside))
            .sorted()
            .toList();
    if (!users.isEmpty()) {
      throw new ArmException(
          409,
          "ManagedEnvironmentNotEmpty",
          "Environments of resource group '%s' have session pools in other groups; delete them first: %s."
              .formatted(group, String.join(", ", users)));
    }
  }

  /**
   * 202 while pools of the group are still being deleted, then 200. For who began it, since the
   * roles at the group go with it, and for who may read the group.
   */
  Answer result(Call call) {
    String operation = call.parameter("id");
    Begun begun = begun(operation).orElseThrow(() -> unknown(call));
    String id = Groups.id(call.subscription(), begun.group());
    if (!begun.by().equals(call.principal().caller().objectId())
        && !call.may(Action.GROUP_READ, id)) {
      throw unknown(call);
    }
    boolean running = poolsOf(id).stream().anyMatch(PoolRecord::deleting);
    return running ? again(call, operation) : Answer.empty(200);
  }

  private static ArmException unknown(Call call) {
    call.require(Action.GROUP_READ, call.scope());
    return new ArmException(
        404, NotFound.CODE, "There is no operation '" + call.parameter("id") + "'.");
  }

  private Answer again(Call call, String operation) {
    return Answer.empty(202)
        .with("Location", address.subscriptionOperation(call, operation))
        .with("Retry-After", "1");
  }

  /** A deletion that was begun, as its sealed id says: nobody else can make one up. */
  private record Begun(String group, String by) {}

  private String operation(Call call) {
    String text = call.parameter("group") + "/" + call.principal().caller().objectId();
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(key.seal((OPERATION + text).getBytes(StandardCharsets.UTF_8)));
  }

  private Optional<Begun> begun(String operation) {
    try {
      byte[] opened = key.open(Base64.getUrlDecoder().decode(operation));
      String text = new String(opened, StandardCharsets.UTF_8);
      int slash = text.lastIndexOf('/');
      return text.startsWith(OPERATION) && slash > 0
          ? Optional.of(
              new Begun(text.substring(OPERATION.length(), slash), text.substring(slash + 1)))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String id(Call call) {
    return Groups.id(call.subscription(), call.parameter("group"));
  }

  private Optional<ObjectNode> find(Call call) {
    String id = id(call);
    return ledger
        .resource(id)
        .map(GroupsResource::body)
        .or(
            () ->
                Groups.holders(ledger, id).entrySet().stream()
                    .map(entry -> implied(entry.getKey(), entry.getValue()))
                    .findFirst());
  }

  private ObjectNode existing(Call call) {
    return find(call)
        .orElseThrow(
            () ->
                new ArmException(
                    404,
                    "ResourceGroupNotFound",
                    "Resource group '" + call.parameter("group") + "' could not be found."));
  }

  private static ObjectNode body(ResourceRecord group) {
    ObjectNode document = Documents.parse(group);
    ObjectNode body = body(group.id(), location(group));
    Fields.value(document, "tags").ifPresent(tags -> body.set("tags", tags));
    Fields.value(document, "managedBy").ifPresent(by -> body.set("managedBy", by));
    return body;
  }

  private static ObjectNode implied(String id, ResourceRecord held) {
    return body(id, location(held));
  }

  private static ObjectNode body(String id, String location) {
    ObjectNode body = Fields.empty();
    body.put("id", id);
    body.put("name", id.substring(id.lastIndexOf('/') + 1));
    body.put("type", Groups.TYPE);
    // Of groups, unlike of other resources, clients know the plain name.
    body.put("location", Locations.normal(location));
    body.putObject("properties").put("provisioningState", "Succeeded");
    return body;
  }

  private static String location(ResourceRecord resource) {
    return Documents.parse(resource).path("location").asString("");
  }
}
