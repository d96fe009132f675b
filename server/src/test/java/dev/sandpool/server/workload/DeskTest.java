package dev.sandpool.server.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import dev.sandpool.server.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A token goes to whom it belongs, and for nothing that was not granted. */
class DeskTest {
  private static final String SECRET = "0123456789abcdef";
  private static final Grant OWN = new Grant("/pool", true, "principal-1", "client-1");
  private static final Grant OTHER = new Grant("/Identities/One", false, "principal-2", "client-2");

  private final List<Grant> grants = new ArrayList<>(List.of(OWN, OTHER));
  private final List<String> issued = new ArrayList<>();
  private final Clock clock = new Clock();
  private final Desk desk = new Desk(SECRET, () -> List.copyOf(grants), this::issue, clock);

  private static final class Clock implements Time {
    private Duration passed = Duration.ZERO;

    @Override
    public Instant now() {
      return Instant.parse("2026-11-29T12:00:00Z").plus(passed);
    }

    @Override
    public long nanos() {
      return passed.toNanos();
    }
  }

  private WorkloadToken issue(Grant grant, String resource) {
    issued.add(grant.clientId() + " " + resource);
    Instant now = clock.now();
    return new WorkloadToken("token-" + issued.size(), now, now.plus(Duration.ofHours(1)));
  }

  private Reply ask(List<String> secrets, String... query) {
    Map<String, List<String>> parameters = new HashMap<>();
    for (int i = 0; i < query.length; i += 2) {
      parameters
          .computeIfAbsent(query[i], _ -> new ArrayList<>())
          .add(query[i + 1].replace("RES", "https://vault.test"));
    }
    return desk.answer(new Desk.Question("GET", Desk.PATH, parameters, secrets));
  }

  private Reply ask(String... query) {
    return ask(List.of(SECRET), query);
  }

  private static JsonNode json(Reply reply) {
    return Json.MAPPER.readTree(reply.json());
  }

  @Test
  void theAnswerHasTheDocumentedForm() {
    Reply reply = ask("resource", "RES", "api-version", "2019-08-01");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(json(reply).path("expires_on").stringValue())
        .isEqualTo(Long.toString(clock.now().plusSeconds(3600).getEpochSecond()));
    assertThat(json(reply).properties().stream().map(Map.Entry::getKey))
        .containsExactly("access_token", "expires_on", "resource", "token_type", "client_id");
    assertThat(json(reply).path("resource").asString()).isEqualTo("https://vault.test");
    assertThat(json(reply).path("token_type").asString()).isEqualTo("Bearer");
    assertThat(json(reply).path("client_id").asString()).isEqualTo("client-1");
  }

  @ParameterizedTest
  @CsvSource({
    "client_id, CLIENT-2",
    "principal_id, principal-2",
    "object_id, principal-2",
    "mi_res_id, /identities/one",
    "msi_res_id, /Identities/One"
  })
  void anIdentityIsNamedByAnyOfItsIds(String name, String id) {
    Reply reply = ask("resource", "RES", "api-version", "2019-08-01", name, id);

    assertThat(json(reply).path("client_id").asString()).as(reply.json()).isEqualTo("client-2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0123456789abcde", "0123456789abcdeF", "0123456789abcdef "})
  void withoutTheSecretThereIsNothing(String secret) {
    Reply reply = ask(List.of(secret), "resource", "RES", "api-version", "2019-08-01");

    assertThat(reply.status()).isEqualTo(401);
    assertThat(json(reply).path("statusCode").asInt()).isEqualTo(401);
    assertThat(json(reply).path("message").asString()).isNotEmpty();
    assertThat(json(reply).path("correlationId").asString()).hasSize(36);
    assertThat(issued).isEmpty();
  }

  @Test
  void aHeaderThatIsThereTwiceOrNotAtAllIsRefused() {
    for (List<String> secrets : List.of(List.<String>of(), List.of(SECRET, SECRET))) {
      assertThat(ask(secrets, "resource", "RES", "api-version", "2019-08-01").status())
          .isEqualTo(401);
    }
    assertThat(issued).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "resource, RES, api-version, 2017-09-01",
    "resource, RES, other, 2019-08-01",
    "api-version, 2019-08-01, other, x",
    "api-version, 2019-08-01, resource, 'a b'",
    "api-version, 2019-08-01, resource, 'a\"b'",
    "api-version, 2019-08-01, resource, 'ä'"
  })
  void aQuestionThatIsNotOneIsRefused(String one, String value, String two, String other) {
    assertThat(ask(one, value, two, other).status()).isEqualTo(400);
    assertThat(issued).isEmpty();
  }

  @Test
  void whatAPoolTakesAwayIsGoneAtOnceAlsoWhereATokenIsKept() {
    assertThat(ask("resource", "RES", "api-version", "2019-08-01").status()).isEqualTo(200);
    grants.remove(OWN);

    Reply reply = ask("resource", "RES", "api-version", "2019-08-01");

    assertThat(reply.status()).isEqualTo(400);
    assertThat(json(reply).path("message").asString()).contains("lifecycle Main");
  }

  @Test
  void anIdentityThatWasNotGrantedIsNotFound() {
    Reply reply = ask("resource", "RES", "api-version", "2019-08-01", "client_id", "client-3");

    assertThat(reply.status()).isEqualTo(400);
    assertThat(issued).isEmpty();
  }

  @Test
  void twoIdsAtOnceAreRefused() {
    Reply reply =
        ask(
            "resource",
            "RES",
            "api-version",
            "2019-08-01",
            "client_id",
            "client-2",
            "mi_res_id",
            "/x");

    assertThat(reply.status()).isEqualTo(400);
  }

  @Test
  void aTokenIsKeptUntilHalfOfItsLifeHasPassed() {
    for (int minute : new int[] {0, 10, 29}) {
      clock.passed = Duration.ofMinutes(minute);
      assertThat(
              json(ask("resource", "RES", "api-version", "2019-08-01"))
                  .path("access_token")
                  .asString())
          .isEqualTo("token-1");
    }
    clock.passed = Duration.ofMinutes(31);

    assertThat(
            json(ask("resource", "RES", "api-version", "2019-08-01"))
                .path("access_token")
                .asString())
        .isEqualTo("token-2");
  }

  @Test
  void tokensOfOneAudienceOrIdentityAreNotGivenForAnother() {
    ask("resource", "a", "api-version", "2019-08-01");
    ask("resource", "b", "api-version", "2019-08-01");
    ask("resource", "a", "api-version", "2019-08-01", "client_id", "client-2");

    assertThat(issued).containsExactly("client-1 a", "client-1 b", "client-2 a");
  }

  @Test
  void aSandboxThatAsksWithoutEndIsSlowedDown() {
    int answered = 0;
    Reply last = ask("resource", "RES", "api-version", "2019-08-01");
    while (last.status() == 200 && answered < 10_000) {
      answered++;
      last = ask("resource", "RES", "api-version", "2019-08-01");
    }
    assertThat(last.status()).isEqualTo(429);
    assertThat(last.retryAfter()).isPositive();
    assertThat(answered).isBetween(100, 200);

    clock.passed = Duration.ofMinutes(1);
    assertThat(ask("resource", "RES", "api-version", "2019-08-01").status()).isEqualTo(200);
  }

  @Test
  void guessesOfTheSecretAreBoundedToo() {
    int guesses = 0;
    while (ask(List.of("guess"), "resource", "RES").status() == 401 && guesses < 10_000) {
      guesses++;
    }
    assertThat(guesses).isLessThan(200);
  }

  @Test
  void nothingShowsWhatIsSecret() {
    Reply reply = ask("resource", "RES", "api-version", "2019-08-01");
    var question =
        new Desk.Question("GET", Desk.PATH, Map.of("resource", List.of("x")), List.of(SECRET));

    assertThat(reply.toString() + question + issue(OWN, "x")).doesNotContain("token-", SECRET);
  }
}
