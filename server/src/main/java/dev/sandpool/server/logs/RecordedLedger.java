package dev.sandpool.server.logs;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.ClaimResult;
import dev.sandpool.server.ledger.Claimant;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.ledger.SandboxCount;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SessionKey;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A ledger that tells a {@link LogFeed} of each step of a sandbox, once it is committed. */
public final class RecordedLedger implements Ledger {
  private final Ledger ledger;
  private final LogFeed feed;

  public RecordedLedger(Ledger ledger, LogFeed feed) {
    this.ledger = ledger;
    this.feed = feed;
  }

  // --- steps -----------------------------------------------------------------------------------

  @Override
  public void recordStarting(SandboxRecord sandbox) {
    ledger.recordStarting(sandbox);
    feed.tell(new LogFeed.Created(sandbox, sandbox.createdAt()));
  }

  @Override
  public boolean markReady(SandboxId sandbox, String address, Instant now) {
    boolean made = ledger.markReady(sandbox, address, now);
    if (made) {
      feed.tell(LogFeed.Step.ready(sandbox, now));
    }
    return made;
  }

  @Override
  public void claim(SessionKey key, Instant now, Claimant claimant) {
    ledger.claim(
        key,
        now,
        new Claimant() {
          @Override
          public void decided(ClaimResult result) {
            if (result instanceof ClaimResult.Claimed(SandboxRecord sandbox, var ignored)) {
              feed.tell(new LogFeed.Allocated(sandbox.id(), key, now));
            }
            claimant.decided(result);
          }

          @Override
          public void failed(RuntimeException cause) {
            claimant.failed(cause);
          }
        });
  }

  @Override
  public boolean markStopping(SandboxId sandbox, String reason, Instant now) {
    boolean made = ledger.markStopping(sandbox, reason, now);
    if (made) {
      feed.tell(LogFeed.Step.stopping(sandbox, reason, now));
    }
    return made;
  }

  @Override
  public boolean markRetired(SandboxId sandbox, String reason, Instant now) {
    boolean made = ledger.markRetired(sandbox, reason, now);
    if (made) {
      feed.tell(new LogFeed.Step(sandbox, LogOperation.STOPPING, reason, now));
    }
    return made;
  }

  @Override
  public void markGone(SandboxId sandbox, Instant now) {
    ledger.markGone(sandbox, now);
    feed.tell(new LogFeed.Gone(sandbox, now));
  }

  // --- as they are -----------------------------------------------------------------------------

  @Override
  public Optional<ResourceRecord> resource(String resourceId) {
    return ledger.resource(resourceId);
  }

  @Override
  public List<ResourceRecord> resources(String type, String scope) {
    return ledger.resources(type, scope);
  }

  @Override
  public List<ResourceRecord> resources(String type, String scope, String after, int limit) {
    return ledger.resources(type, scope, after, limit);
  }

  @Override
  public void putResource(ResourceRecord resource) {
    ledger.putResource(resource);
  }

  @Override
  public void deleteResource(String resourceId) {
    ledger.deleteResource(resourceId);
  }

  @Override
  public List<PoolRecord> pools() {
    return ledger.pools();
  }

  @Override
  public List<PoolRecord> pools(String firstResourceId, String lastResourceId) {
    return ledger.pools(firstResourceId, lastResourceId);
  }

  @Override
  public Optional<PoolRecord> pool(PoolId pool) {
    return ledger.pool(pool);
  }

  @Override
  public void putPool(PoolRecord pool, ResourceRecord document) {
    ledger.putPool(pool, document);
  }

  @Override
  public boolean updatePool(PoolRecord pool) {
    return ledger.updatePool(pool);
  }

  @Override
  public void deletePool(PoolId pool) {
    ledger.deletePool(pool);
  }

  @Override
  public void markNetwork(SandboxId sandbox, NetworkStatus network) {
    ledger.markNetwork(sandbox, network);
  }

  @Override
  public void forget(Collection<SandboxId> rested) {
    ledger.forget(rested);
  }

  @Override
  public void noteActivity(Map<SandboxId, Instant> lastActive) {
    ledger.noteActivity(lastActive);
  }

  @Override
  public Optional<SandboxRecord> sandbox(SandboxId sandbox) {
    return ledger.sandbox(sandbox);
  }

  @Override
  public Collection<SandboxRecord> sandboxes() {
    return ledger.sandboxes();
  }

  @Override
  public List<SandboxRecord> sandboxes(PoolId pool) {
    return ledger.sandboxes(pool);
  }

  @Override
  public List<SandboxCount> counts(Collection<PoolId> pools) {
    return ledger.counts(pools);
  }

  @Override
  public long claimCount() {
    return ledger.claimCount();
  }

  @Override
  public void raiseClaimCount(long atLeast) {
    ledger.raiseClaimCount(atLeast);
  }

  @Override
  public void touch() {
    ledger.touch();
  }

  @Override
  public void close() {
    ledger.close();
  }
}
