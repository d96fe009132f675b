package dev.sandpool.server.pool;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SandboxNetworkException;
import dev.sandpool.server.ledger.SandboxRecord;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes egress from living sandboxes whose pool has it no more, at once. A session keeps its
 * sandbox; one that nobody holds is replaced, because it was started to find an internet.
 *
 * <p>What the ledger says of a sandbox changes last: a server that is killed in between finds the
 * difference at its next start and does it again.
 */
final class EgressEnder {
  private static final Logger log = LoggerFactory.getLogger(EgressEnder.class);
  private static final String REASON = "its pool has no egress any more";

  private final KeeperParts parts;
  private final SandboxStarter starter;
  private final SandboxEnder ender;
  private final ExecutorService threads;
  private final Set<SandboxId> underWay = ConcurrentHashMap.newKeySet();

  EgressEnder(
      KeeperParts parts, SandboxStarter starter, SandboxEnder ender, ExecutorService threads) {
    this.parts = parts;
    this.starter = starter;
    this.ender = ender;
    this.threads = threads;
  }

  /** Begins with those that have it; returns at once. */
  void end(List<SandboxRecord> sandboxes) {
    for (SandboxRecord sandbox : sandboxes) {
      if (sandbox.network() == NetworkStatus.EGRESS_ENABLED && underWay.add(sandbox.id())) {
        threads.execute(() -> end(sandbox));
      }
    }
  }

  private void end(SandboxRecord sandbox) {
    SandboxId id = sandbox.id();
    try {
      // First in the ledger, where a claim might still find it if the policy is changed back.
      boolean retired =
          sandbox.state().unallocated()
              && SandboxEnder.insist(
                  "retire", id, () -> parts.ledger().markRetired(id, REASON, parts.time().now()));
      if (retired) {
        // Before what starts it lets go, which a probe may delay, and again in case it came later.
        tryOnce(id);
        starter.cancel(id);
        tryOnce(id);
        ender.end(id, REASON, Duration.ZERO);
      } else {
        SandboxEnder.insist("take egress from", id, () -> close(id));
        SandboxEnder.insist("record the network of", id, () -> record(id));
        log.info("sandbox {} has no egress any more", id);
      }
    } catch (InterruptedException e) {
      log.debug("the server closes while egress of {} ends; the next start goes on", id);
    } finally {
      underWay.remove(id);
    }
  }

  /** Its end, which follows, does not wait for it. */
  private void tryOnce(SandboxId sandbox) {
    try {
      close(sandbox);
    } catch (SandboxNetworkException e) {
      log.warn("sandbox {} keeps its egress until it is killed: {}", sandbox, e.getMessage());
    }
  }

  private boolean close(SandboxId sandbox) throws SandboxNetworkException {
    parts.engine().network(sandbox, NetworkStatus.EGRESS_DISABLED);
    return true;
  }

  private boolean record(SandboxId sandbox) {
    parts.ledger().markNetwork(sandbox, NetworkStatus.EGRESS_DISABLED);
    return true;
  }
}
