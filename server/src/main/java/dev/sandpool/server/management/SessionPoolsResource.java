package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.Json;
import dev.sandpool.model.MergePatch;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ProvisioningState;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.role.Action;
import dev.sandpool.server.time.Time;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import tools.jackson.databind.node.ObjectNode;

/**
 * Session pools: GET, PUT, PATCH, DELETE and lists (contract 1.2 to 1.5). It records what is wanted
 * and wakes the keeper, which brings it about.
 */
final class SessionPoolsResource {
  private final Ledger ledger;
  private final PoolStore store;
  private final Pages pages;
  private final Time time;
  private final PublicAddress address;
  private final PoolRules rules;
  private final SecretBox secrets;
  private final PoolView view;
  private final PoolIdentities identities;
  private final Quotas quotas;
  private final Lock changes;

  /**
   * @param store shared with the operations' resource
   * @param changes held from the first look to the last write of a change
   */
  SessionPoolsResource(
      ManagementParts parts, ManagementSettings settings, PoolStore store, Lock changes) {
    this.store = store;
    this.ledger = parts.ledger();
    this.pages = new Pages(ledger, settings.address());
    this.time = parts.time();
    this.address = settings.address();
    this.rules = new PoolRules(settings.limits());
    this.secrets = new SecretBox(parts.key());
    this.view = new PoolView(parts, settings);
    this.identities = new PoolIdentities(ledger);
    this.quotas = new Quotas(ledger, settings.quotas());
    this.changes = changes;
  }

  Answer list(Call call) {
    return pages.answer(
        call,
        ResourceId.SESSION_POOLS,
        Action.POOL_READ,
        page -> view.bodies(store.of(page), call.version()));
  }

  Answer get(Call call) {
    ResourceId id = call.resource(ResourceId.SESSION_POOLS);
    PoolStore.Stored stored = store.find(id).orElseThrow(() -> NotFound.of(id));
    Answer answer =
        call.conditions().unchanged(stored.resource())
            ? Answer.empty(304)
            : Answer.of(200, body(stored, call, false));
    return tagged(answer, stored);
  }

  private static Answer tagged(Answer answer, PoolStore.Stored stored) {
    return answer.with("ETag", Preconditions.tag(stored.resource()));
  }

  /** What there would have to be, had the pool asked for an MCP server (contract 1.4). */
  Answer mcpCredentials(Call call) {
    ResourceId id = call.resource(ResourceId.SESSION_POOLS);
    throw store
        .find(id)
        .map(
            stored ->
                new ArmException(
                    400,
                    "SessionMCPServerNotEnabled",
                    "Session pool '" + id.name() + "' does not have MCP Server enabled."))
        .orElseGet(() -> NotFound.of(id));
  }

  /** The body of a pool as the caller's api-version has it. */
  ObjectNode body(PoolStore.Stored stored, Call call, boolean created) {
    return view.body(stored, call.version(), created);
  }

  Answer put(Call call) {
    ResourceId id = call.resource(ResourceId.SESSION_POOLS);
    call.checkGroup();
    changes.lock();
    try {
      Optional<PoolStore.Stored> old = store.find(id);
      call.conditions().checkChange(old.map(PoolStore.Stored::resource));
      old.ifPresent(SessionPoolsResource::refuseDeleting);
      var faults = new Faults();
      if (old.isEmpty()) {
        PoolRules.checkName(id.name(), faults);
      }
      ObjectNode given = PoolShape.read(call.json(), faults, call.ignored());
      // Nothing to patch: nulls fall away.
      var document = (ObjectNode) MergePatch.apply(Fields.empty(), given);
      PoolStore.Stored stored = record(id, old, document, faults, call);
      Answer answer = Answer.of(old.isEmpty() ? 201 : 200, body(stored, call, old.isEmpty()));
      Operation operation = operation(Operation.Kind.PUT, stored.pool());
      String url =
          address.operation(
              id, stored.location(), "operationStatuses", operation.id(), call.version());
      return tagged(answer, stored).with("Azure-AsyncOperation", url).with("Retry-After", "1");
    } finally {
      changes.unlock();
    }
  }

  Answer patch(Call call) {
    ResourceId id = call.resource(ResourceId.SESSION_POOLS);
    changes.lock();
    try {
      PoolStore.Stored old = store.find(id).orElseThrow(() -> NotFound.of(id));
      call.conditions().checkChange(Optional.of(old.resource()));
      refuseDeleting(old);
      var faults = new Faults();
      ObjectNode given = PoolShape.read(call.json(), faults, call.ignored());
      ObjectNode before = old.document();
      before.remove(SecretBox.SEALED);
      LifecycleRules.makeWay(before, given);
      var document = (ObjectNode) MergePatch.apply(before, given);
      PoolStore.Stored stored = record(id, Optional.of(old), document, faults, call);
      return accepted(call, stored, operation(Operation.Kind.PATCH, stored.pool()));
    } finally {
      changes.unlock();
    }
  }

  Answer delete(Call call) {
    ResourceId id = call.resource(ResourceId.SESSION_POOLS);
    changes.lock();
    try {
      Optional<PoolStore.Stored> found = store.find(id);
      call.conditions().checkChange(found.map(PoolStore.Stored::resource));
      if (found.isEmpty()) {
        return Answer.empty(204);
      }
      store.markDeleting(found.get().pool());
      return accepted(call, found.get(), operation(Operation.Kind.DELETE, found.get().pool()));
    } finally {
      changes.unlock();
    }
  }

  private Answer accepted(Call call, PoolStore.Stored stored, Operation operation) {
    ResourceId id = ResourceId.parse(stored.resource().id()).orElseThrow();
    String url =
        address.operation(
            id, stored.location(), "operationResults", operation.id(), call.version());
    return Answer.empty(202).with("Location", url).with("Retry-After", "1");
  }

  private Operation operation(Operation.Kind kind, PoolRecord pool) {
    Instant started = kind == Operation.Kind.DELETE ? time.now() : pool.changedAt();
    return new Operation(kind, pool.id(), pool.generation(), started);
  }

  /** Checks the document and, if it changes anything, records it and wakes the keeper. */
  private PoolStore.Stored record(
      ResourceId id,
      Optional<PoolStore.Stored> old,
      ObjectNode document,
      Faults faults,
      Call call) {
    rules.check(document, faults);
    ObjectNode before = old.map(PoolStore.Stored::document).orElseGet(Fields::empty);
    ResourceRecord environment = environment(document, before, faults, call).orElse(null);
    identities.settle(document, before, faults, it -> call.require(Action.IDENTITY_ASSIGN, it));
    Map<String, String> values = secrets.seal(document, before, faults);
    faults.throwIfAny();
    String location = Fields.text(document, "location").orElseThrow();
    old.ifPresent(it -> Locations.checkSame(it.resource().id(), it.location(), location));
    String environmentId = java.util.Objects.requireNonNull(environment).id();
    Fields.object(document, "properties").put("environmentId", environmentId);
    // Read back, so that numbers are of the same kind as in what is stored.
    var settled = (ObjectNode) Json.MAPPER.readTree(document.toString());
    if (old.isPresent() && settled.equals(before) && !failed(old.get())) {
      return old.get();
    }
    ResourceId spelt = old.flatMap(it -> ResourceId.parse(it.resource().id())).orElse(id);
    var draft = new PoolDraft(spelt, environmentId, settled, values);
    Quotas.Demand asked =
        old.map(PoolStore.Stored::pool).map(Quotas.Demand::of).orElse(Quotas.Demand.NOTHING);
    quotas.check(spelt, asked, draft.demand());
    return store.write(old, draft, call.principal());
  }

  private Optional<ResourceRecord> environment(
      ObjectNode document, ObjectNode before, Faults faults, Call call) {
    String target = "properties.environmentId";
    String wanted = Fields.text(document, "properties", "environmentId").orElse("");
    Optional<String> old = Fields.text(before, "properties", "environmentId");
    if (old.isPresent() && !old.get().equalsIgnoreCase(wanted)) {
      faults.add(
          "PropertyChangeNotAllowed", target, "cannot be updated; it is '" + old.get() + "'.");
    }
    if (old.isEmpty() && ResourceId.parse(wanted).isPresent()) {
      call.require(Action.ENVIRONMENT_JOIN, wanted);
    }
    Optional<ResourceRecord> environment = ledger.resource(wanted);
    if (environment.isEmpty()) {
      faults.add("ManagedEnvironmentNotFound", target, "there is no environment '" + wanted + "'.");
    }
    return environment;
  }

  private static boolean failed(PoolStore.Stored stored) {
    return stored.pool().provisioning().state() == ProvisioningState.FAILED;
  }

  /**
   * Under the lock of changes nothing is deleted that was not marked before, so what passes here
   * may be written below the pool.
   */
  static void refuseDeleting(PoolStore.Stored stored) {
    refuseDeleting(stored.pool());
  }

  static void refuseDeleting(PoolRecord pool) {
    if (pool.deleting()) {
      throw new ArmException(
          409,
          "SessionPoolDeleting",
          "Session pool '"
              + pool.name()
              + "' is being deleted; it can be made again once it is gone.");
    }
  }
}
