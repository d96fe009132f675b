package dev.sandpool.server.ledger;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The durable record of resources, sandboxes and sessions. It decides; memory only remembers.
 *
 * <p>Every call but {@link #claim(SessionKey, Instant, Claimant)} blocks until what it says is
 * committed, and is made from virtual threads. Writes are committed in groups. Every one throws
 * {@link LedgerUnavailableException} if the ledger cannot be written or its queue is full; then
 * nothing has changed. Times are passed in.
 */
public interface Ledger extends AutoCloseable {
  // --- resources -------------------------------------------------------------------------------

  /** The resource of that id, compared without regard to case. */
  Optional<ResourceRecord> resource(String resourceId);

  /**
   * Resources of a type at or below a scope, both without regard to case, in order of id. A scope
   * ends where a path segment ends: {@code .../resourceGroups/a} does not hold {@code
   * .../resourceGroups/ab/...}; the empty one holds everything.
   */
  List<ResourceRecord> resources(String type, String scope);

  /**
   * As {@link #resources(String, String)}, but at most {@code limit} of them, and of those only
   * what comes after an id, which need not exist; the empty one comes before all.
   */
  List<ResourceRecord> resources(String type, String scope, String after, int limit);

  /** Creates or replaces a resource that has no state of its own beyond its document. */
  void putResource(ResourceRecord resource);

  /** Deletes it; does nothing if there is none. */
  void deleteResource(String resourceId);

  // --- pools -----------------------------------------------------------------------------------

  /** All pools, also those being deleted. */
  List<PoolRecord> pools();

  /**
   * The pools whose resource ids lie between two, both included and compared without regard to
   * case, in order of them; also those being deleted.
   */
  List<PoolRecord> pools(String firstResourceId, String lastResourceId);

  /** The pool of that id. */
  Optional<PoolRecord> pool(PoolId pool);

  /**
   * Creates or replaces a pool, its ARM document and its desired revision in one step. The active
   * revision never goes back: if a rollout has ended since the caller read the pool, the newer one
   * stays active.
   *
   * @throws DuplicatePoolException if another pool has its resource id, or its name in its
   *     environment, both without regard to case
   * @throws IllegalArgumentException if the document is not of the pool's resource id
   */
  void putPool(PoolRecord pool, ResourceRecord document);

  /**
   * Records progress of a rollout: active revision, image digest, provisioning state. Writes
   * nothing and answers false if the pool is not there, has another generation by now, or is being
   * deleted and {@code pool} is not: what was asked for meanwhile is not undone.
   */
  boolean updatePool(PoolRecord pool);

  /**
   * Deletes pool, document and the resources below it; does nothing if there is no such pool.
   *
   * @throws IllegalStateException if a sandbox of it is not Gone
   */
  void deletePool(PoolId pool);

  // --- sandboxes -------------------------------------------------------------------------------

  /**
   * Records a sandbox before anything of it exists on the host, in state Starting.
   *
   * @throws IllegalStateException if id or slot is taken, also by a Gone one not yet forgotten
   */
  void recordStarting(SandboxRecord sandbox);

  /**
   * Starting -> Ready. False if it is not Starting any more: then it must not be offered.
   *
   * @param address where it is reached
   */
  boolean markReady(SandboxId sandbox, String address, Instant now);

  /**
   * Gives the session a ready sandbox of the pool's active revision and current network policy, if
   * it has none and the pool has room. Atomic: of any number of claims of one key exactly one is
   * {@link ClaimResult.Claimed}, and a sandbox is claimed at most once in its life (G1, G2, G4).
   * The sandbox that has been ready longest is taken.
   *
   * <p>Does not wait: the claimant is told when it is committed, perhaps before this returns. It
   * has been told before any later write of this sandbox returns, so that nobody hears of a
   * session's end before its claimant has heard of its beginning.
   */
  void claim(SessionKey key, Instant now, Claimant claimant);

  /** As {@link #claim(SessionKey, Instant, Claimant)}, and waits for the outcome. */
  default ClaimResult claim(SessionKey key, Instant now) {
    var claim = new AwaitedClaim(result -> {});
    claim(key, now, claim);
    return claim.await();
  }

  /**
   * Any earlier state -> Stopping. Answers whether this call made the step.
   *
   * @param reason why, in words for a person
   */
  boolean markStopping(SandboxId sandbox, String reason, Instant now);

  /**
   * Starting or Ready -> Stopping, for a sandbox that is one too many. Answers whether this call
   * made the step: false if a session has it by now, which must not lose it.
   *
   * @param reason why, in words for a person
   */
  boolean markRetired(SandboxId sandbox, String reason, Instant now);

  /**
   * Records what a sandbox may reach from now on; claims go by it. Does nothing if there is no such
   * sandbox.
   */
  void markNetwork(SandboxId sandbox, NetworkStatus network);

  /** Any earlier state -> Gone: nothing of it is left. The identifier is free again. */
  void markGone(SandboxId sandbox, Instant now);

  /** Forgets those of them that are Gone: their slots have rested. */
  void forget(Collection<SandboxId> rested);

  /**
   * Notes when sessions were last active; never goes back. Those not Allocated are passed over. If
   * it fails, some may have been noted.
   */
  void noteActivity(Map<SandboxId, Instant> lastActive);

  /** The sandbox of that id. */
  Optional<SandboxRecord> sandbox(SandboxId sandbox);

  /** All sandboxes, gone ones that are not yet forgotten included. */
  Collection<SandboxRecord> sandboxes();

  /** Those of one pool that are not Gone. */
  List<SandboxRecord> sandboxes(PoolId pool);

  /** How many of each pool there are that are not Gone, in one look at all of these pools. */
  List<SandboxCount> counts(Collection<PoolId> pools);

  /** How many claims have succeeded since the ledger was made. */
  long claimCount();

  /** Raises {@link #claimCount} to {@code atLeast}, after an older copy took the ledger's place. */
  void raiseClaimCount(long atLeast);

  /**
   * Commits something that changes nothing.
   *
   * @throws LedgerUnavailableException saying why nothing can be written
   */
  void touch();

  @Override
  void close();
}
