package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.Json;
import dev.sandpool.model.MergePatch;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.role.Action;
import dev.sandpool.server.time.Time;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import tools.jackson.databind.node.ObjectNode;

/**
 * Managed environments: GET, PUT, PATCH, DELETE and lists (contract 1.8). One is there as soon as
 * it is recorded; operations are answered for the sake of clients that wait for them.
 */
final class ManagedEnvironmentsResource {
  private static final String STATUSES = "managedEnvironmentOperationStatuses";
  private static final String RESULTS = "managedEnvironmentOperationResults";
  private static final int LABEL_ROOM = 54;

  private final Ledger ledger;
  private final Time time;
  private final Supplier<EngineInfo> engine;
  private final PublicAddress address;
  private final Lock changes;
  private final RandomGenerator random = new SecureRandom();

  ManagedEnvironmentsResource(ManagementParts parts, ManagementSettings settings, Lock changes) {
    this.ledger = parts.ledger();
    this.time = parts.time();
    this.engine = parts.engine();
    this.address = settings.address();
    this.changes = changes;
  }

  private ObjectNode shown(ResourceRecord resource, boolean created) {
    return EnvironmentView.body(resource, created, engine.get());
  }

  Answer list(Call call) {
    return new Pages(ledger, address)
        .answer(
            call,
            ResourceId.ENVIRONMENTS,
            Action.ENVIRONMENT_READ,
            page -> page.stream().map(resource -> shown(resource, false)).toList());
  }

  Answer get(Call call) {
    ResourceRecord resource = existing(call);
    return call.conditions().unchanged(resource)
        ? Answer.empty(304).with("ETag", Preconditions.tag(resource))
        : answer(200, resource);
  }

  private Answer answer(int status, ResourceRecord resource) {
    return Answer.of(status, shown(resource, status == 201))
        .with("ETag", Preconditions.tag(resource));
  }

  Answer put(Call call) {
    ResourceId id = call.resource(ResourceId.ENVIRONMENTS);
    call.checkGroup();
    changes.lock();
    try {
      Optional<ResourceRecord> old = ledger.resource(id.toString());
      call.conditions().checkChange(old);
      var faults = new Faults();
      if (old.isEmpty()) {
        EnvironmentShape.checkName(id.name(), faults);
      }
      ObjectNode given = EnvironmentShape.read(call.json(), faults, call.ignored());
      var document = (ObjectNode) MergePatch.apply(Fields.empty(), given);
      ResourceRecord stored = record(id, old, document, faults, call.principal());
      String url = url(call, id, document, STATUSES);
      return answer(old.isEmpty() ? 201 : 200, stored)
          .with("Azure-AsyncOperation", url)
          .with("Retry-After", "1");
    } finally {
      changes.unlock();
    }
  }

  Answer patch(Call call) {
    changes.lock();
    try {
      ResourceRecord old = existing(call);
      call.conditions().checkChange(Optional.of(old));
      var faults = new Faults();
      ObjectNode given = EnvironmentShape.read(call.json(), faults, call.ignored());
      var document = (ObjectNode) MergePatch.apply(Documents.parse(old), given);
      ResourceId id = ResourceId.parse(old.id()).orElseThrow();
      ResourceRecord stored = record(id, Optional.of(old), document, faults, call.principal());
      return answer(200, stored);
    } finally {
      changes.unlock();
    }
  }

  Answer delete(Call call) {
    ResourceId id = call.resource(ResourceId.ENVIRONMENTS);
    changes.lock();
    try {
      Optional<ResourceRecord> old = ledger.resource(id.toString());
      call.conditions().checkChange(old);
      if (old.isEmpty()) {
        return Answer.empty(204);
      }
      refuseIfUsed(id);
      RoleAssignments.deleteBelow(ledger, old.get().id());
      ledger.deleteResource(old.get().id());
      String url = url(call, id, Documents.parse(old.get()), RESULTS);
      return Answer.empty(202).with("Location", url).with("Retry-After", "1");
    } finally {
      changes.unlock();
    }
  }

  /** All operations have ended before they are answered. */
  Answer status(Call call) {
    String id = call.parameter("id");
    Instant started = started(id).orElseThrow(() -> noOperation(id));
    return Answer.of(
        200,
        Fields.empty()
            .put(
                "id",
                PublicAddress.operationPath(
                    call.subscription(), call.parameter("location"), STATUSES, id))
            .put("name", id)
            .put("status", "Succeeded")
            .put("startTime", Times.bare(started)));
  }

  Answer result(Call call) {
    String id = call.parameter("id");
    if (started(id).isEmpty()) {
      throw noOperation(id);
    }
    return Answer.empty(204);
  }

  private static ArmException noOperation(String id) {
    return new ArmException(404, NotFound.CODE, "There is no operation '" + id + "'.");
  }

  private String url(Call call, ResourceId id, ObjectNode document, String kind) {
    byte[] text = ("environment:" + time.now().toEpochMilli()).getBytes(StandardCharsets.US_ASCII);
    String operation = Base64.getUrlEncoder().withoutPadding().encodeToString(text);
    String location = Fields.text(document, "location").orElse("");
    return address.operation(id, location, kind, operation, call.version());
  }

  private static Optional<Instant> started(String id) {
    try {
      String text = new String(Base64.getUrlDecoder().decode(id), StandardCharsets.US_ASCII);
      return text.startsWith("environment:")
          ? Optional.of(Instant.ofEpochMilli(Long.parseLong(text.substring(12))))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private ResourceRecord existing(Call call) {
    ResourceId id = call.resource(ResourceId.ENVIRONMENTS);
    return ledger.resource(id.toString()).orElseThrow(() -> NotFound.of(id));
  }

  private ResourceRecord record(
      ResourceId id,
      Optional<ResourceRecord> old,
      ObjectNode document,
      Faults faults,
      TokenCheck.Principal principal) {
    EnvironmentShape.check(document, faults);
    faults.throwIfAny();
    Optional<ObjectNode> before = old.map(Documents::parse);
    String location = Fields.text(document, "location").orElseThrow();
    before.ifPresent(
        it -> Locations.checkSame(id.toString(), it.path("location").asString(""), location));
    String domain =
        before
            .flatMap(it -> Fields.text(it, EnvironmentView.DOMAIN))
            .orElseGet(() -> domain(id, location));
    document.put(EnvironmentView.DOMAIN, domain);
    if (before.isPresent() && before.get().equals(Json.MAPPER.readTree(document.toString()))) {
      return old.orElseThrow();
    }
    Instant now = time.now();
    var resource =
        new ResourceRecord(
            old.map(ResourceRecord::id).orElse(id.toString()),
            ResourceId.ENVIRONMENTS,
            document.toString(),
            old.map(ResourceRecord::createdBy).orElse(principal.name()),
            old.map(ResourceRecord::createdAt).orElse(now),
            principal.name(),
            now);
    ledger.putResource(resource);
    return resource;
  }

  /** {@code NAME-xxxxxxxx.REGION.DOMAIN}; the first label holds 63 characters. */
  private String domain(ResourceId id, String location) {
    String name = id.name().toLowerCase(Locale.ROOT);
    String label = name.substring(0, Math.min(name.length(), LABEL_ROOM));
    String suffix = PoolId.random(random).value().substring(0, 8);
    return label
        + "-"
        + suffix
        + "."
        + Locations.normal(location)
        + "."
        + address.environmentDomain();
  }

  private void refuseIfUsed(ResourceId id) {
    List<String> names =
        ledger.pools().stream()
            .filter(pool -> pool.environmentId().equalsIgnoreCase(id.toString()))
            .map(PoolRecord::name)
            .sorted()
            .toList();
    if (!names.isEmpty()) {
      throw new ArmException(
          409,
          "ManagedEnvironmentNotEmpty",
          "Environment '%s' has session pools; delete them first: %s."
              .formatted(id.name(), String.join(", ", names)));
    }
  }
}
