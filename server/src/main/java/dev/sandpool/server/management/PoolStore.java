package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.DuplicatePoolException;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.pool.Pools;
import dev.sandpool.server.time.Time;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** Session pools in the ledger; every write wakes the keeper. */
final class PoolStore {
  private final Ledger ledger;
  private final Pools pools;
  private final Time time;
  private final RandomGenerator random = new SecureRandom();

  PoolStore(Ledger ledger, Pools pools, Time time) {
    this.ledger = ledger;
    this.pools = pools;
    this.time = time;
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

  /** The pools of these documents, which are in order of id; those that are gone are left out. */
  List<Stored> of(List<ResourceRecord> documents) {
    if (documents.isEmpty()) {
      return List.of();
    }
    Map<String, PoolRecord> records =
        ledger.pools(documents.getFirst().id(), documents.getLast().id()).stream()
            .collect(Collectors.toMap(it -> lower(it.resourceId()), Function.identity()));
    return documents.stream()
        .flatMap(
            it ->
                Optional.ofNullable(records.get(lower(it.id())))
                    .map(pool -> new Stored(it, pool))
                    .stream())
        .toList();
  }

  private static String lower(String id) {
    return id.toLowerCase(Locale.ROOT);
  }

  /** The pool of that resource id. */
  Optional<Stored> find(ResourceId id) {
    return ledger
        .resource(id.toString())
        .flatMap(resource -> of(List.of(resource)).stream().findFirst());
  }

  /** The pool of that internal id. */
  Optional<Stored> find(PoolId id) {
    return ledger
        .pool(id)
        .flatMap(pool -> ledger.resource(pool.resourceId()).map(it -> new Stored(it, pool)));
  }

  /** Nothing new is started or claimed any more; the keeper removes the pool in the end. */
  void markDeleting(PoolRecord pool) {
    if (!pool.deleting()) {
      // No other than the keeper writes meanwhile, and it never writes another generation.
      ledger.updatePool(withProvisioning(pool, PoolRecord.Provisioning.deleted()));
    }
    pools.changed(pool.id());
  }

  /**
   * Records a new or changed pool.
   *
   * @throws ArmException 409 if another pool of the environment has the name
   */
  Stored write(Optional<Stored> old, PoolDraft draft, TokenCheck.Principal principal) {
    Instant now = time.now();
    PoolRecord pool =
        old.map(it -> draft.change(it.pool(), now))
            .orElseGet(() -> draft.create(PoolId.random(random), now));
    var resource =
        new ResourceRecord(
            draft.id().toString(),
            ResourceId.SESSION_POOLS,
            draft.document().toString(),
            old.map(it -> it.resource().createdBy()).orElse(principal.name()),
            old.map(it -> it.resource().createdAt()).orElse(now),
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

  private static PoolRecord withProvisioning(PoolRecord pool, PoolRecord.Provisioning state) {
    return new PoolRecord(
        pool.id(),
        pool.resourceId(),
        pool.environmentId(),
        pool.name(),
        pool.generation(),
        pool.maxSessions(),
        pool.readySessions(),
        pool.lifecycle(),
        pool.network(),
        pool.active(),
        pool.desired(),
        state,
        pool.changedAt());
  }
}
