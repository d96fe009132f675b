package dev.sandpool.server.ledger;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A ledger that forgets everything at its end, for simulations; held to the same contract kit. */
public final class MemoryLedger implements Ledger {
  private final TreeMap<String, ResourceRecord> resources = new TreeMap<>();
  private final TreeMap<PoolId, PoolRecord> pools = new TreeMap<>();
  private final Map<SandboxId, SandboxRecord> sandboxes = new HashMap<>();
  private long claims;
  private boolean writable = true;
  private @Nullable List<Runnable> held;

  public MemoryLedger() {}

  /** What a copy of another's files holds at this moment. */
  public static MemoryLedger copyOf(MemoryLedger other) {
    var copy = new MemoryLedger();
    synchronized (other) {
      copy.resources.putAll(other.resources);
      copy.pools.putAll(other.pools);
      copy.sandboxes.putAll(other.sandboxes);
      copy.claims = other.claims;
    }
    return copy;
  }

  /** From now on every write fails, or works again. */
  public synchronized void setWritable(boolean writable) {
    this.writable = writable;
  }

  @Override
  public synchronized Optional<ResourceRecord> resource(String resourceId) {
    return Optional.ofNullable(resources.get(lower(resourceId)));
  }

  @Override
  public synchronized List<ResourceRecord> resources(String type, String scope) {
    String lower = lower(scope);
    String root = lower.endsWith("/") ? lower.substring(0, lower.length() - 1) : lower;
    return resources.entrySet().stream()
        .filter(entry -> entry.getKey().equals(root) || entry.getKey().startsWith(root + "/"))
        .map(Map.Entry::getValue)
        .filter(resource -> resource.type().equalsIgnoreCase(type))
        .toList();
  }

  @Override
  public synchronized List<ResourceRecord> resources(
      String type, String scope, String after, int limit) {
    return resources(type, scope).stream()
        .filter(resource -> lower(resource.id()).compareTo(lower(after)) > 0)
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized void putResource(ResourceRecord resource) {
    checkWritable();
    store(resource);
  }

  private void store(ResourceRecord resource) {
    resources.merge(lower(resource.id()), resource, MemoryLedger::keepSpelling);
  }

  private static ResourceRecord keepSpelling(ResourceRecord old, ResourceRecord fresh) {
    return new ResourceRecord(
        old.id(),
        fresh.type(),
        fresh.document(),
        fresh.createdBy(),
        fresh.createdAt(),
        fresh.modifiedBy(),
        fresh.modifiedAt());
  }

  @Override
  public synchronized void deleteResource(String resourceId) {
    checkWritable();
    resources.remove(lower(resourceId));
  }

  @Override
  public synchronized List<PoolRecord> pools() {
    return List.copyOf(pools.values());
  }

  @Override
  public synchronized List<PoolRecord> pools(String firstResourceId, String lastResourceId) {
    return pools.values().stream()
        .filter(pool -> lower(pool.resourceId()).compareTo(lower(firstResourceId)) >= 0)
        .filter(pool -> lower(pool.resourceId()).compareTo(lower(lastResourceId)) <= 0)
        .sorted(Comparator.comparing(pool -> lower(pool.resourceId())))
        .toList();
  }

  @Override
  public synchronized Optional<PoolRecord> pool(PoolId pool) {
    return Optional.ofNullable(pools.get(pool));
  }

  @Override
  public synchronized void putPool(PoolRecord pool, ResourceRecord document) {
    checkWritable();
    if (!document.id().equalsIgnoreCase(pool.resourceId())) {
      throw new IllegalArgumentException(
          "document of " + document.id() + " put with pool " + pool.resourceId());
    }
    for (PoolRecord other : pools.values()) {
      if (!other.id().equals(pool.id())) {
        refuseDuplicate(pool, other);
      }
    }
    PoolRecord old = pools.get(pool.id());
    Revision active = old == null ? pool.active() : newer(old.active(), pool.active());
    pools.put(pool.id(), withActive(pool, active));
    store(document);
  }

  private static void refuseDuplicate(PoolRecord pool, PoolRecord other) {
    boolean sameName =
        other.environmentId().equalsIgnoreCase(pool.environmentId())
            && other.name().equalsIgnoreCase(pool.name());
    if (sameName || other.resourceId().equalsIgnoreCase(pool.resourceId())) {
      throw new DuplicatePoolException("there is a session pool " + other.resourceId());
    }
  }

  private static @Nullable Revision newer(@Nullable Revision stored, @Nullable Revision given) {
    if (stored == null || given == null) {
      return given == null ? stored : given;
    }
    return stored.id().number() > given.id().number() ? stored : given;
  }

  private static PoolRecord withActive(PoolRecord pool, @Nullable Revision active) {
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
        active,
        pool.desired(),
        pool.provisioning(),
        pool.changedAt());
  }

  @Override
  public synchronized boolean updatePool(PoolRecord pool) {
    checkWritable();
    PoolRecord old = pools.get(pool.id());
    if (old == null
        || old.generation() != pool.generation()
        || (old.deleting() && !pool.deleting())) {
      return false;
    }
    pools.put(pool.id(), pool);
    return true;
  }

  @Override
  public synchronized void deletePool(PoolId pool) {
    checkWritable();
    if (!sandboxes(pool).isEmpty()) {
      throw new IllegalStateException("pool " + pool + " still has sandboxes");
    }
    PoolRecord old = pools.remove(pool);
    if (old != null) {
      String id = lower(old.resourceId());
      resources.keySet().removeIf(key -> key.equals(id) || key.startsWith(id + "/"));
    }
  }

  @Override
  public synchronized void recordStarting(SandboxRecord sandbox) {
    checkWritable();
    if (sandbox.state() != SandboxState.STARTING) {
      throw new IllegalArgumentException(
          "sandbox " + sandbox.id() + " is recorded as " + sandbox.state() + ", not STARTING");
    }
    for (SandboxRecord other : sandboxes.values()) {
      if (other.id().equals(sandbox.id()) || other.slot() == sandbox.slot()) {
        throw new IllegalStateException(
            "sandbox %s or slot %d is taken".formatted(sandbox.id(), sandbox.slot()));
      }
    }
    sandboxes.put(sandbox.id(), sandbox);
  }

  @Override
  public synchronized boolean markReady(SandboxId sandbox, String address, Instant now) {
    checkWritable();
    SandboxRecord old = sandboxes.get(sandbox);
    if (old == null || old.state() != SandboxState.STARTING) {
      return false;
    }
    var draft = new Draft(old, SandboxState.READY);
    draft.address = address;
    draft.readyAt = now;
    draft.store();
    return true;
  }

  /** Claims that come from now on are neither decided nor refused until they are released. */
  public synchronized void holdClaims() {
    held = new ArrayList<>();
  }

  /** How many claims are held. */
  public synchronized int heldClaims() {
    return held == null ? 0 : held.size();
  }

  /** Decides what was held, in order, and holds no more. */
  public synchronized void releaseClaims() {
    List<Runnable> release = held == null ? List.of() : held;
    held = null;
    release.forEach(Runnable::run);
  }

  @Override
  public synchronized void claim(SessionKey key, Instant now, Claimant claimant) {
    if (held == null) {
      tell(key, now, claimant);
    } else {
      held.add(() -> tell(key, now, claimant));
    }
  }

  private void tell(SessionKey key, Instant now, Claimant claimant) {
    ClaimResult result;
    try {
      checkWritable();
      result = decide(key, now);
    } catch (LedgerUnavailableException e) {
      claimant.failed(e);
      return;
    }
    claimant.decided(result);
  }

  private ClaimResult decide(SessionKey key, Instant now) {
    PoolRecord pool = pools.get(key.pool());
    if (pool == null || pool.deleting()) {
      return new ClaimResult.NoPool();
    }
    Optional<SandboxRecord> held = select(one -> holds(one, key)).findFirst();
    if (held.isPresent()) {
      return new ClaimResult.AlreadyHeld(held.get());
    }
    if (select(one -> one.pool().equals(pool.id()) && one.state() == SandboxState.ALLOCATED).count()
        >= pool.maxSessions()) {
      return new ClaimResult.Full(pool.maxSessions());
    }
    return select(one -> claimable(one, pool))
        .min(Comparator.comparing(MemoryLedger::readyAt).thenComparing(SandboxRecord::id))
        .<ClaimResult>map(
            ready -> new ClaimResult.Claimed(allocate(ready, key, now), pool.lifecycle()))
        .orElseGet(ClaimResult.NoneReady::new);
  }

  private static boolean holds(SandboxRecord sandbox, SessionKey key) {
    return key.equals(sandbox.session())
        && (sandbox.state() == SandboxState.ALLOCATED || sandbox.state() == SandboxState.STOPPING);
  }

  private static boolean claimable(SandboxRecord sandbox, PoolRecord pool) {
    Revision active = pool.active();
    return active != null
        && sandbox.state() == SandboxState.READY
        && sandbox.revision().equals(active.id())
        && sandbox.network() == pool.network();
  }

  private static Instant readyAt(SandboxRecord ready) {
    return Objects.requireNonNull(ready.readyAt());
  }

  private SandboxRecord allocate(SandboxRecord ready, SessionKey key, Instant now) {
    var draft = new Draft(ready, SandboxState.ALLOCATED);
    draft.session = key;
    draft.allocatedAt = now;
    draft.lastActiveAt = now;
    claims++;
    return draft.store();
  }

  @Override
  public synchronized boolean markStopping(SandboxId sandbox, String reason, Instant now) {
    checkWritable();
    SandboxRecord old = sandboxes.get(sandbox);
    if (old == null || old.state().compareTo(SandboxState.STOPPING) >= 0) {
      return false;
    }
    var draft = new Draft(old, SandboxState.STOPPING);
    draft.endReason = reason;
    draft.store();
    return true;
  }

  @Override
  public synchronized boolean markRetired(SandboxId sandbox, String reason, Instant now) {
    checkWritable();
    SandboxRecord old = sandboxes.get(sandbox);
    return old != null && old.state().unallocated() && markStopping(sandbox, reason, now);
  }

  @Override
  public synchronized void markNetwork(SandboxId sandbox, NetworkStatus network) {
    checkWritable();
    SandboxRecord old = sandboxes.get(sandbox);
    if (old != null) {
      var draft = new Draft(old, old.state());
      draft.network = network;
      draft.store();
    }
  }

  @Override
  public synchronized void markGone(SandboxId sandbox, Instant now) {
    checkWritable();
    SandboxRecord old = sandboxes.get(sandbox);
    if (old != null && old.state() != SandboxState.GONE) {
      var draft = new Draft(old, SandboxState.GONE);
      draft.endedAt = now;
      draft.store();
    }
  }

  @Override
  public synchronized void forget(Collection<SandboxId> rested) {
    checkWritable();
    sandboxes
        .values()
        .removeIf(one -> one.state() == SandboxState.GONE && rested.contains(one.id()));
  }

  @Override
  public synchronized void noteActivity(Map<SandboxId, Instant> lastActive) {
    checkWritable();
    lastActive.forEach(this::noteActive);
  }

  private void noteActive(SandboxId sandbox, Instant at) {
    SandboxRecord old = sandboxes.get(sandbox);
    if (old != null
        && old.state() == SandboxState.ALLOCATED
        && Objects.requireNonNull(old.lastActiveAt()).isBefore(at)) {
      var draft = new Draft(old, SandboxState.ALLOCATED);
      draft.lastActiveAt = at;
      draft.store();
    }
  }

  @Override
  public synchronized Optional<SandboxRecord> sandbox(SandboxId sandbox) {
    return Optional.ofNullable(sandboxes.get(sandbox));
  }

  @Override
  public synchronized Collection<SandboxRecord> sandboxes() {
    return new ArrayList<>(sandboxes.values());
  }

  @Override
  public synchronized List<SandboxRecord> sandboxes(PoolId pool) {
    return select(one -> one.pool().equals(pool) && one.state() != SandboxState.GONE).toList();
  }

  @Override
  public synchronized List<SandboxCount> counts(Collection<PoolId> pools) {
    Map<SandboxCount, Integer> counts = new LinkedHashMap<>();
    for (PoolId pool : pools) {
      for (SandboxRecord one : sandboxes(pool)) {
        counts.merge(
            new SandboxCount(one.revision(), one.network(), one.state(), 1), 1, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .map(
            it ->
                new SandboxCount(
                    it.getKey().revision(),
                    it.getKey().network(),
                    it.getKey().state(),
                    it.getValue()))
        .toList();
  }

  @Override
  public synchronized long claimCount() {
    return claims;
  }

  @Override
  public synchronized void raiseClaimCount(long atLeast) {
    checkWritable();
    claims = Math.max(claims, atLeast);
  }

  @Override
  public synchronized void touch() {
    checkWritable();
  }

  @Override
  public void close() {}

  private Stream<SandboxRecord> select(Predicate<SandboxRecord> which) {
    return sandboxes.values().stream().filter(which);
  }

  private void checkWritable() {
    if (!writable) {
      throw new LedgerUnavailableException("the ledger was made unwritable", null);
    }
  }

  private static String lower(String resourceId) {
    return resourceId.toLowerCase(Locale.ROOT);
  }

  /** The next version of a record: all as before but for the fields set. */
  private final class Draft {
    private final SandboxRecord old;
    private final SandboxState state;
    private NetworkStatus network;
    private @Nullable String address;
    private @Nullable SessionKey session;
    private @Nullable Instant readyAt;
    private @Nullable Instant allocatedAt;
    private @Nullable Instant lastActiveAt;
    private @Nullable Instant endedAt;
    private @Nullable String endReason;

    private Draft(SandboxRecord old, SandboxState state) {
      this.old = old;
      this.state = state;
      this.network = old.network();
      this.address = old.address();
      this.session = old.session();
      this.readyAt = old.readyAt();
      this.allocatedAt = old.allocatedAt();
      this.lastActiveAt = old.lastActiveAt();
      this.endedAt = old.endedAt();
      this.endReason = old.endReason();
    }

    private SandboxRecord store() {
      var fresh =
          new SandboxRecord(
              old.id(),
              old.revision(),
              old.slot(),
              network,
              old.memoryBytes(),
              old.targetPort(),
              old.liveness(),
              state,
              address,
              session,
              old.createdAt(),
              readyAt,
              allocatedAt,
              lastActiveAt,
              endedAt,
              endReason,
              old.reserved());
      sandboxes.put(fresh.id(), fresh);
      return fresh;
    }
  }
}
