package dev.sandpool.server.pool;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.RevisionId;
import dev.sandpool.server.image.ImageException;
import dev.sandpool.server.image.PullRequest;
import dev.sandpool.server.ledger.Revision;
import dev.sandpool.server.lifecycle.PoolEvent;
import dev.sandpool.server.metrics.ServerMeters.Pull;
import dev.sandpool.server.pool.Pools.Problem;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images of one pool's revisions: whether they are here, and pulls under way. What a pull found
 * is kept until the pool's next step records it: only that step writes the pool, so a pull that
 * takes long undoes nothing.
 */
final class PoolImages {
  private static final Logger log = LoggerFactory.getLogger(PoolImages.class);
  private static final int STEPS_KEPT = 20;

  private final PoolId pool;
  private final KeeperParts parts;
  private final SandboxCrew crew;
  private final Failures failures;
  private final Runnable changed;
  private final Map<RevisionId, Boolean> pulling = new ConcurrentHashMap<>();
  private final Map<RevisionId, String> pulled = new ConcurrentHashMap<>();
  private final ArrayDeque<String> steps = new ArrayDeque<>();

  /**
   * @param changed run when a pull has ended, however
   */
  PoolImages(
      PoolId pool, KeeperParts parts, SandboxCrew crew, Failures failures, Runnable changed) {
    this.pool = pool;
    this.parts = parts;
    this.crew = crew;
    this.failures = failures;
    this.changed = changed;
  }

  /** Whether sandboxes of the revision could be started as far as its image goes. */
  boolean here(Revision revision) {
    String digest = revision.imageDigest();
    return digest != null && parts.images().find(digest).isPresent();
  }

  /** The digest that a pull has found for the revision; null where none has ended well. */
  @Nullable String pulled(RevisionId revision) {
    return pulled.get(revision);
  }

  /** Whether a pull is under way. */
  boolean pulling() {
    return !pulling.isEmpty();
  }

  /** Begins to pull the revision's image, by digest where it has one, unless that is under way. */
  void pull(Revision revision) {
    if (pulling.putIfAbsent(revision.id(), true) == null) {
      crew.run(() -> pullNow(revision));
    }
  }

  private void pullNow(Revision revision) {
    report(PoolEvent.Kind.IMAGE_PULLING, revision.image());
    long since = parts.time().nanos();
    Pull outcome = Pull.FAILED;
    try {
      String digest = parts.images().pull(request(revision), this::note).digest();
      pulled.put(revision.id(), digest);
      outcome = Pull.DONE;
      report(PoolEvent.Kind.IMAGE_PULLED, revision.image() + " is " + digest);
    } catch (ImageException e) {
      fail(revision, new Problem(Problem.PULL_FAILED, e.getMessage(), e.kind().permanent()), since);
      log.warn("pool {}: image {} could not be had: {}", pool, revision.image(), e.getMessage());
    } catch (RuntimeException e) {
      // Unforeseen, so counted as a failure like any other: else it would be tried without a pause.
      log.error("pool {}: pulling image {} failed", pool, revision.image(), e);
      fail(revision, new Problem(Problem.PULL_FAILED, "the server failed: " + e, false), since);
    } finally {
      parts.metrics().server().pull(outcome).record(parts.time().nanos() - since);
      pulling.remove(revision.id());
      changed.run();
    }
  }

  private void report(PoolEvent.Kind kind, String detail) {
    parts.events().report(PoolEvent.of(kind, pool, detail));
  }

  private void fail(Revision revision, Problem problem, long begunNanos) {
    report(PoolEvent.Kind.IMAGE_PULL_FAILED, revision.image() + ": " + problem.message());
    failures.add(revision.id(), problem, begunNanos, parts.time().nanos());
  }

  private PullRequest request(Revision revision) throws ImageException {
    Revision.Registry registry = revision.registry();
    PullRequest.RegistryLogin login = registry == null ? null : login(revision, registry);
    return new PullRequest(revision.image(), revision.imageDigest(), login);
  }

  private PullRequest.RegistryLogin login(Revision revision, Revision.Registry registry)
      throws ImageException {
    String identity = registry.identity();
    return identity == null
        ? new PullRequest.RegistryLogin(registry.server(), registry.username(), registry.password())
        : parts.logins().login(pool, revision.image(), registry.server(), identity);
  }

  private void note(String step) {
    synchronized (steps) {
      steps.add(step);
      if (steps.size() > STEPS_KEPT) {
        steps.remove();
      }
    }
  }

  /** What pulls last said, newest last. */
  List<String> steps() {
    synchronized (steps) {
      return List.copyOf(steps);
    }
  }
}
