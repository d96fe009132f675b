package dev.sandpool.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.audit.AuditQuery;
import dev.sandpool.server.audit.AuditReader;
import dev.sandpool.server.audit.AuditSettings;
import dev.sandpool.server.ledger.SessionKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A server that was stopped and says nothing of it, or ends sessions that nobody can find. */
class OwnAuditTest {
  private static final PoolId POOL = new PoolId("poolaaaaaa");
  private static final Instant NOW = Instant.parse("2026-11-29T20:00:00Z");

  @TempDir private Path folder;

  @Test
  void startAndStopStandAroundAllElse() throws IOException {
    try (var parts = new Parts()) {
      OwnAudit audit = open(parts);
      // Closed before what it tells of is: as the keeper, which ends sessions to its last moment.
      parts.closing("keeper", () -> end(audit));
    }
    assertThat(lines())
        .extracting(line -> line.path("kind").asString() + " " + line.path("action").asString())
        .containsExactly("server start", "stop end", "server stop");
  }

  @Test
  void theEndOfASessionNamesItsPoolSandboxAndReasonAndNotItsIdentifier() throws IOException {
    try (var parts = new Parts()) {
      end(open(parts));
    }
    assertThat(lines().get(1).toString())
        .contains("sessionPools/poolaaaaaa", "aaaaaaaa", "idle", "hash-of-9")
        .doesNotContain("identity1");
  }

  private OwnAudit open(Parts parts) throws IOException {
    return OwnAudit.open(
        new AuditSettings(folder, 1L << 30, Duration.ofDays(365)),
        Optional.empty(),
        identifier -> "hash-of-" + identifier.length(),
        InstantSource.fixed(NOW),
        parts);
  }

  private static void end(OwnAudit audit) {
    audit
        .ends(pool -> "sessionPools/" + pool)
        .ended(new SessionKey(POOL, "identity1"), new SandboxId("aaaaaaaa"), "idle");
  }

  private List<JsonNode> lines() throws IOException {
    return new AuditReader(folder).after(0, AuditQuery.ALL, 100);
  }
}
