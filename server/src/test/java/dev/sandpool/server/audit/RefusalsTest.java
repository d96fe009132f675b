package dev.sandpool.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Whoever guesses tokens all day must not fill the disk, and must not go unseen. */
class RefusalsTest {
  private static final Instant NOW = Instant.parse("2026-11-29T20:00:10Z");

  private final NotedAudit audit = new NotedAudit();
  private final Refusals refusals = new Refusals(audit);

  private void refuse(Instant time, String from) {
    refusals.note(time, "GET", null, from, "/x", "r", "Unauthenticated");
  }

  @Test
  void manyOfOneAddressAreCountedAndThoseOfAnotherAreStillSeen() {
    for (int i = 0; i < 1000; i++) {
      refuse(NOW, "203.0.113.7");
    }
    refuse(NOW, "203.0.113.8");
    assertThat(audit.events()).hasSize(21);

    refuse(NOW.plusSeconds(60), "203.0.113.8");

    assertThat(audit.events()).hasSize(23);
    AuditEvent more = audit.events().get(21);
    assertThat(more.action()).isEqualTo("more");
    assertThat(more.from()).isEqualTo("203.0.113.7");
    assertThat(more.detail()).containsEntry("refusals", "980");
  }

  @Test
  void addressesWithoutEndTakeNoMemoryWithoutEnd() {
    for (int i = 0; i < 100_000; i++) {
      refuse(NOW, "10." + i / 65_536 + "." + i / 256 % 256 + "." + i % 256);
    }
    assertThat(audit.events()).hasSizeBetween(10_000, 10_100);
  }
}
