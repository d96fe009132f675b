package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import dev.sandpool.server.session.SessionView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ManagementPathTest {
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  @Test
  void stopSaysWhatTheContractSaysToTheLetter() throws Exception {
    bed.sandbox("ok");
    bed.get("/?identifier=user-1");

    RawCaller.Answer stopped =
        bed.post("/.management/stopSession?api-version=2025-02-02-preview&identifier=user-1");
    RawCaller.Answer again = bed.post("/.management/stopSession?identifier=user-1");

    assertThat(stopped.status()).isEqualTo(200);
    assertThat(stopped.header("Content-Type")).containsExactly("text/plain; charset=utf-8");
    assertThat(stopped.body()).isEqualTo("Session user-1 in session pool MyPool stopped.");
    assertThat(again.status()).isEqualTo(400);
    assertThat(again.body()).isEqualTo("Failed to stop session, session not found.");
  }

  @Test
  void sessionIsShownAndLookingAtItIsNoUse() throws Exception {
    bed.sandbox("ok");
    bed.get("/?identifier=user-1");

    JsonNode first =
        Json.MAPPER.readTree(bed.post("/.management/getSession?identifier=user-1").body());
    JsonNode second =
        Json.MAPPER.readTree(
            bed.post("/.management/GETSESSION?identifier=user-1&api-version=x").body());

    assertThat(first.get("identifier").asString()).isEqualTo("user-1");
    assertThat(first.get("etag").asString()).hasSize(8);
    Instant accessed = Instant.parse(first.get("lastAccessedAt").asString());
    assertThat(Instant.parse(first.get("expiresAt").asString()))
        .isEqualTo(accessed.plus(Duration.ofMinutes(5)));
    assertThat(Instant.parse(second.get("lastAccessedAt").asString()))
        .isCloseTo(accessed, org.assertj.core.api.Assertions.within(Duration.ofMillis(50)));
  }

  @Test
  void missingSessionIsNotFoundAndNotMade() throws Exception {
    bed.sandbox("ok");

    RawCaller.Answer answer = bed.post("/.management/getSession?identifier=nobody");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.header("x-ms-error-code")).containsExactly("SessionWithIdentifierNotFound");
    assertThat(bed.session("nobody")).isNull();
  }

  @Test
  void sessionsAreListed() throws Exception {
    bed.sandbox("ok");
    bed.sandbox("ok");
    bed.get("/?identifier=user-1");
    bed.get("/?identifier=user-2");

    JsonNode list = Json.MAPPER.readTree(bed.post("/.management/listSessions").body());

    assertThat(list.get("count").asInt()).isEqualTo(2);
    assertThat(list.get("nextLink").isNull()).isTrue();
    assertThat(list.get("value").valueStream().map(one -> one.get("identifier").asString()))
        .containsExactlyInAnyOrder("user-1", "user-2");
  }

  @Test
  void pagesHoldThreeHundredAndLinkToTheNextUnderThePublicName() {
    PoolRoute route = new PoolRoute(bed.poolId(), "p", "s", "g", "https://public.test/p");
    List<SessionView> all =
        IntStream.range(0, 650)
            .mapToObj(
                i ->
                    new SessionView(
                        "user-" + i,
                        dev.sandpool.server.ledger.Samples.sandboxId(i),
                        Instant.EPOCH,
                        Instant.EPOCH,
                        Instant.EPOCH,
                        new SessionView.Use(0, 0, "")))
            .toList();

    Map<String, ?> first = page(route, "?api-version=2025-10-02-preview", all);
    Map<String, ?> last = page(route, "?skip=600", all);
    Map<String, ?> beyond = page(route, "?skip=9999&api-version=a%0d%0ab", all);

    assertThat(first.get("count")).isEqualTo(300);
    assertThat(first.get("nextLink"))
        .isEqualTo(
            "https://public.test/p/.management/listSessions?skip=300&api-version=2025-10-02-preview");
    assertThat(last.get("count")).isEqualTo(50);
    assertThat(last.get("nextLink")).isNull();
    assertThat(beyond.get("count")).isEqualTo(0);
  }

  private static Map<String, ?> page(PoolRoute route, String query, List<SessionView> all) {
    return SessionPages.of(route, "/.management/listSessions" + query)
        .of(all, new SessionHosts(null));
  }

  @Test
  void otherCallsAreRefusedAndNeverForwarded() throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");

    assertThat(bed.post("/.management/else?identifier=abcd").status()).isEqualTo(404);
    assertThat(bed.get("/.management/listSessions").status()).isEqualTo(405);
    assertThat(bed.post("/.management/listSessions?skip=-1").status()).isEqualTo(400);
    assertThat(bed.post("/.management/getSession").header("x-ms-error-code"))
        .containsExactly("MissingSessionIdentifier");
    assertThat(sandbox.connections()).isZero();
  }
}
