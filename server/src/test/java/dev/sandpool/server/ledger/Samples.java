package dev.sandpool.server.ledger;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.RevisionId;
import dev.sandpool.model.SandboxId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records to put into a ledger, plain where nothing else is said. */
public final class Samples {
  /** The one reference instant, with nanoseconds so that a ledger that drops them is found out. */
  public static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123456789Z");

  public static final String GROUP = "/subscriptions/7d0b/resourceGroups/Group";
  public static final String ENVIRONMENT =
      GROUP + "/providers/Microsoft.App/managedEnvironments/Env";
  public static final String POOL_TYPE = "Microsoft.App/sessionPools";

  private Samples() {}

  /** An id of that many pools on. */
  public static PoolId poolId(int number) {
    return new PoolId(base32(number, 10));
  }

  private static final Probe LIVENESS =
      new Probe(
          8080,
          new Probe.Http(true, "/health", null, List.of(new Probe.Header("X-Probe", "1"))),
          3,
          1,
          10,
          2,
          30);

  public static SandboxId sandboxId(int number) {
    return new SandboxId(base32(number, 8));
  }

  private static String base32(int number, int length) {
    var text = new StringBuilder(Integer.toString(number, 26));
    for (int i = 0; i < text.length(); i++) {
      text.setCharAt(i, (char) ('a' + Character.digit(text.charAt(i), 26)));
    }
    return "a".repeat(length - text.length()) + text;
  }

  public static Revision revision(PoolId pool, int number) {
    return new Revision(
        new RevisionId(pool, number),
        "registry.test/app:1",
        "sha256:0123",
        new Revision.Registry("registry.test", "puller", "hunter2-registry"),
        List.of("/bin/app"),
        List.of("--serve"),
        Map.of("TOKEN", "hunter2-environment"),
        0.25,
        512L << 20,
        8080,
        Isolation.GVISOR,
        new Probes(null, LIVENESS));
  }

  /** A pool whose first revision is active. */
  public static PoolRecord pool(int number, int maxSessions) {
    PoolId id = poolId(number);
    Revision revision = revision(id, 1);
    return pool(id, "pool-" + number, 1, maxSessions, revision, revision);
  }

  public static PoolRecord pool(
      PoolId id,
      String name,
      int generation,
      int max,
      @Nullable Revision active,
      Revision desired) {
    return new PoolRecord(
        id,
        GROUP + "/providers/" + POOL_TYPE + "/" + name,
        ENVIRONMENT,
        name,
        generation,
        max,
        2,
        new Lifecycle.Timed(Duration.ofMinutes(5)),
        NetworkStatus.EGRESS_DISABLED,
        active,
        desired,
        PoolRecord.Provisioning.succeeded(),
        NOW);
  }

  public static PoolRecord with(PoolRecord pool, NetworkStatus network) {
    return new PoolRecord(
        pool.id(),
        pool.resourceId(),
        pool.environmentId(),
        pool.name(),
        pool.generation() + 1,
        pool.maxSessions(),
        pool.readySessions(),
        pool.lifecycle(),
        network,
        pool.active(),
        pool.desired(),
        pool.provisioning(),
        pool.changedAt());
  }

  public static PoolRecord with(PoolRecord pool, PoolRecord.Provisioning provisioning) {
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
        provisioning,
        pool.changedAt());
  }

  public static ResourceRecord document(PoolRecord pool) {
    return resource(pool.resourceId(), POOL_TYPE);
  }

  public static ResourceRecord resource(String id, String type) {
    return new ResourceRecord(id, type, "{\"a\":1}", "ann", NOW, "bob", NOW.plusSeconds(1));
  }

  /** A sandbox of that revision, about to be started, in the slot of its number. */
  public static SandboxRecord starting(int number, RevisionId revision, NetworkStatus network) {
    return new SandboxRecord(
        sandboxId(number),
        revision,
        number,
        network,
        600L << 20,
        8080,
        LIVENESS,
        SandboxState.STARTING,
        null,
        null,
        NOW,
        null,
        null,
        null,
        null,
        null,
        new Reserved(500, 512L << 20));
  }

  public static SessionKey key(PoolRecord pool, String identifier) {
    return new SessionKey(pool.id(), identifier);
  }
}
