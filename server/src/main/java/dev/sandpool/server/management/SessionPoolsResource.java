package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.Json;
import dev.sandpool.model.MergePatch;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.DuplicatePoolException;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ProvisioningState;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.pool.Pools;
import dev.sandpool.server.time.Time;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.random.RandomGenerator;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Session pools: GET, PUT, PATCH, DELETE and lists (contract 1.2 to 1.5). It records what is wanted
 * and wakes the keeper, which brings it about.
 */
final class SessionPoolsResource {
  private final Ledger ledger;
  private final Pools pools;
  private final Time time;
  private final PublicAddress address;
  private final PoolRules rules;
  private final SecretBox secrets;
  private final PoolView view;
  private final Lock changes;
  private final RandomGenerator random = new SecureRandom();

  /**
   * @param changes held from the first look to the last write of a change
   */
  SessionPoolsResource(ManagementParts parts, ManagementSettings settings, Lock changes) {
    this.ledger = parts.ledger();
    this.pools = parts.pools();
    this.time = parts.time();
    this.address = settings.address();
    this.rules = new PoolRules(settings.limits());
    this.secrets = new SecretBox(parts.key());
    this.view = new PoolView(ledger, pools, address, parts.engine());
    this.changes = changes;
  }

  /** What the ledger has of one pool. */
  record Stored(ResourceRecord resource, PoolRecord pool) {
    ObjectNode document() {
      return Documents.parse(resource);
    }

    String location() {
      return Fields.text(document(), "location").orElse("");
    }
  }

  Answer list(Call call) {
    ObjectNode body = Fields.empty();
    ArrayNode value = body.putArray("value");
    for (ResourceRecord resource : ledger.resources(ResourceId.SESSION_POOLS, call.scope())) {
      record(resource.id())
          .ifPresent(pool -> value.add(view.body(resource, pool, call.version(), false)));
    }
    return Answer.of(200, body);
  }

  Answer get(Call call) {
    ResourceId id = call.resource(ResourceId.SESSION_POOLS);
    return Answer.of(200, body(find(id).orElseThrow(() -> NotFound.of(id)), call, false));
  }

  /** The body of a pool as the caller's api-version has it. */
  ObjectNode body(Stored stored, Call call, boolean created) {
    return view.body(stored.resource, stored.pool, call.version(), created);
  }

  Answer put(Call call) {
    ResourceId id = call.resource(ResourceId.SESSION_POOLS);
    call.checkGroup();
    changes.lock();
    try {
      Optional<Stored> old = find(id);
      old.ifPresent(SessionPoolsResource::refuseDeleting);
      var faults = new Faults();
      if (old.isEmpty()) {
        PoolRules.checkName(id.name(), faults);
      }
      ObjectNode given = PoolShape.read(call.json(), faults, call.ignored());
      // Nothing to patch: nulls fall away.
      var document = (ObjectNode) MergePatch.apply(Fields.empty(), given);
      Stored stored = record(id, old, document, faults, call.principal());
      Answer answer = Answer.of(old.isEmpty() ? 201 : 200, body(stored, call, old.isEmpty()));
      Operation operation = operation(Operation.Kind.PUT, stored.pool);
      String url =
          address.operation(
              id, stored.location(), "operationStatuses", operation.id(), call.version());
      return answer.with("Azure-AsyncOperation", url).with("Retry-After", "1");
    } finally {
      changes.unlock();
    }
  }

  Answer patch(Call call) {
    ResourceId id = call.resource(ResourceId.SESSION_POOLS);
    changes.lock();
    try {
      Stored old = find(id).orElseThrow(() -> NotFound.of(id));
      refuseDeleting(old);
      var faults = new Faults();
      ObjectNode given = PoolShape.read(call.json(), faults, call.ignored());
      ObjectNode before = old.document();
      before.remove(SecretBox.SEALED);
      var document = (ObjectNode) MergePatch.apply(before, given);
      Stored stored = record(id, Optional.of(old), document, faults, call.principal());
      return accepted(call, stored, operation(Operation.Kind.PATCH, stored.pool));
    } finally {
      changes.unlock();
    }
  }

  Answer delete(Call call) {
    ResourceId id = call.resource(ResourceId.SESSION_POOLS);
    changes.lock();
    try {
      Optional<Stored> found = find(id);
      if (found.isEmpty()) {
        return Answer.empty(204);
      }
      markDeleting(found.get().pool);
      return accepted(call, found.get(), operation(Operation.Kind.DELETE, found.get().pool));
    } finally {
      changes.unlock();
    }
  }

  private void markDeleting(PoolRecord pool) {
    if (!pool.deleting()) {
      // No other than the keeper writes meanwhile, and it never writes another generation.
      ledger.updatePool(withProvisioning(pool, PoolRecord.Provisioning.deleted()));
    }
    pools.changed(pool.id());
  }

  private Answer accepted(Call call, Stored stored, Operation operation) {
    ResourceId id = ResourceId.parse(stored.resource.id()).orElseThrow();
    String url =
        address.operation(
            id, stored.location(), "operationResults", operation.id(), call.version());
    return Answer.empty(202).with("Location", url).with("Retry-After", "1");
  }

  private Operation operation(Operation.Kind kind, PoolRecord pool) {
    Instant started = kind == Operation.Kind.DELETE ? time.now() : pool.changedAt();
    return new Operation(kind, pool.id(), pool.generation(), started);
  }

  /** The pool of that resource id. */
  Optional<Stored> find(ResourceId id) {
    return ledger
        .resource(id.toString())
        .flatMap(resource -> record(resource.id()).map(pool -> new Stored(resource, pool)));
  }

  /** The pool of that internal id. */
  Optional<Stored> find(PoolId id) {
    return ledger
        .pool(id)
        .flatMap(pool -> ledger.resource(pool.resourceId()).map(it -> new Stored(it, pool)));
  }

  private Optional<PoolRecord> record(String resourceId) {
    return ledger.pools().stream()
        .filter(pool -> pool.resourceId().equalsIgnoreCase(resourceId))
        .findFirst();
  }

  /** Checks the document and, if it changes anything, records it and wakes the keeper. */
  private Stored record(
      ResourceId id,
      Optional<Stored> old,
      ObjectNode document,
      Faults faults,
      TokenCheck.Principal principal) {
    rules.check(document, faults);
    ObjectNode before = old.map(Stored::document).orElseGet(Fields::empty);
    ResourceRecord environment = environment(document, before, faults).orElse(null);
    Map<String, String> values = secrets.seal(document, before, faults);
    faults.throwIfAny();
    String location = Fields.text(document, "location").orElseThrow();
    old.ifPresent(it -> Locations.checkSame(it.resource.id(), it.location(), location));
    String environmentId = java.util.Objects.requireNonNull(environment).id();
    Fields.object(document, "properties").put("environmentId", environmentId);
    // Read back, so that numbers are of the same kind as in what is stored.
    var settled = (ObjectNode) Json.MAPPER.readTree(document.toString());
    if (old.isPresent() && settled.equals(before) && !failed(old.get())) {
      return old.get();
    }
    ResourceId spelt = old.flatMap(it -> ResourceId.parse(it.resource.id())).orElse(id);
    return write(old, new PoolDraft(spelt, environmentId, settled, values), principal);
  }

  private Optional<ResourceRecord> environment(
      ObjectNode document, ObjectNode before, Faults faults) {
    String target = "properties.environmentId";
    String wanted = Fields.text(document, "properties", "environmentId").orElse("");
    Optional<String> old = Fields.text(before, "properties", "environmentId");
    if (old.isPresent() && !old.get().equalsIgnoreCase(wanted)) {
      faults.add(
          "PropertyChangeNotAllowed", target, "cannot be updated; it is '" + old.get() + "'.");
    }
    Optional<ResourceRecord> environment = ledger.resource(wanted);
    if (environment.isEmpty()) {
      faults.add("ManagedEnvironmentNotFound", target, "there is no environment '" + wanted + "'.");
    }
    return environment;
  }

  private Stored write(Optional<Stored> old, PoolDraft draft, TokenCheck.Principal principal) {
    Instant now = time.now();
    PoolRecord pool =
        old.map(it -> draft.change(it.pool, now))
            .orElseGet(() -> draft.create(PoolId.random(random), now));
    var resource =
        new ResourceRecord(
            draft.id().toString(),
            ResourceId.SESSION_POOLS,
            draft.document().toString(),
            old.map(it -> it.resource.createdBy()).orElse(principal.name()),
            old.map(it -> it.resource.createdAt()).orElse(now),
            principal.name(),
            now);
    try {
      ledger.putPool(pool, resource);
    } catch (DuplicatePoolException e) {
      throw new ArmException(
          409,
          "SessionPoolNameInUse",
          "Another session pool of environment '%s' has the name '%s'."
              .formatted(draft.environmentId(), draft.id().name()));
    }
    pools.changed(pool.id());
    return new Stored(resource, pool);
  }

  private static boolean failed(Stored stored) {
    return stored.pool.provisioning().state() == ProvisioningState.FAILED;
  }

  private static void refuseDeleting(Stored stored) {
    if (stored.pool.deleting()) {
      throw new ArmException(
          409,
          "SessionPoolDeleting",
          "Session pool '"
              + stored.pool.name()
              + "' is being deleted; it can be made again once it is gone.");
    }
  }

  private static PoolRecord withProvisioning(PoolRecord pool, PoolRecord.Provisioning state) {
    return new PoolRecord(
        pool.id(),
        pool.resourceId(),
        pool.environmentId(),
        pool.name(),
        pool.generation(),
        pool.maxSessions(),
        pool.readySessions(),
        pool.cooldown(),
        pool.network(),
        pool.active(),
        pool.desired(),
        state,
        pool.changedAt());
  }
}
