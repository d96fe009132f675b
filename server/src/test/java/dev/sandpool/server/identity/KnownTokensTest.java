package dev.sandpool.server.identity;

import static dev.sandpool.server.identity.TestIdentity.START;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.role.Caller;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is remembered of tokens is bounded in number and in time. */
class KnownTokensTest {
  private static final Principal SOMEONE = new Principal("t", "o", "c", true);

  @Test
  void manyTokensDoNotFillTheMemory() {
    KnownTokens known = new KnownTokens(64);
    var verdict = new Verdict.Accepted(SOMEONE, START.plusSeconds(10));
    for (int i = 0; i < 1000; i++) {
      known.put("token " + i, Plane.DATA, verdict, START, known.generation());
      assertThat(known.size()).isLessThanOrEqualTo(64);
      var found = Objects.requireNonNull(known.get("token " + i, Plane.DATA, START));
      assertThat(found.principal()).isEqualTo(SOMEONE);
      assertThat(found.until()).isEqualTo(verdict.until());
    }
  }

  @Test
  void tokensOfAPrincipalShareOneCaller_andThoseOfAnotherDoNot() {
    KnownTokens known = new KnownTokens(64);
    var other = new Principal("t", "o", "c", false);
    known.put(
        "1",
        Plane.DATA,
        new Verdict.Accepted(SOMEONE, START.plusSeconds(1)),
        START,
        known.generation());
    known.put(
        "2",
        Plane.DATA,
        new Verdict.Accepted(SOMEONE, START.plusSeconds(2)),
        START,
        known.generation());
    known.put(
        "3",
        Plane.DATA,
        new Verdict.Accepted(other, START.plusSeconds(2)),
        START,
        known.generation());
    assertThat(caller(known, "2")).isSameAs(caller(known, "1")).isNotSameAs(caller(known, "3"));
    known.clear();
    assertThat(known.get("1", Plane.DATA, START)).isNull();
  }

  @Test
  void tokenThatWasVerifiedBeforeAllWereForgottenIsNotRememberedAfterwards() {
    KnownTokens known = new KnownTokens(64);
    long before = known.generation();
    known.clear();
    known.put("t", Plane.DATA, new Verdict.Accepted(SOMEONE, START.plusSeconds(1)), START, before);
    assertThat(known.get("t", Plane.DATA, START)).isNull();
  }

  private static Caller caller(KnownTokens known, String token) {
    return Objects.requireNonNull(known.get(token, Plane.DATA, START)).caller();
  }

  @Test
  void expiredOnesMakeRoomFirst() {
    KnownTokens known = new KnownTokens(64);
    var longer = new Verdict.Accepted(SOMEONE, START.plusSeconds(100));
    known.put("keep", Plane.DATA, longer, START, known.generation());
    for (int i = 1; i < 64; i++) {
      known.put(
          "old " + i,
          Plane.DATA,
          new Verdict.Accepted(SOMEONE, START.plusSeconds(1)),
          START,
          known.generation());
    }
    known.put("new", Plane.DATA, longer, START.plusSeconds(1), known.generation());
    assertThat(known.size()).isEqualTo(2);
    assertThat(known.get("keep", Plane.DATA, START)).isNotNull();
  }

  @Test
  void aRememberedTokenEndsOnTheDotAndOpensOnePlane() {
    KnownTokens known = new KnownTokens(64);
    known.put(
        "t",
        Plane.DATA,
        new Verdict.Accepted(SOMEONE, START.plusSeconds(1)),
        START,
        known.generation());
    assertThat(known.get("t", Plane.DATA, START.plusMillis(999))).isNotNull();
    assertThat(known.get("t", Plane.DATA, START.plusSeconds(1))).isNull();
    assertThat(known.get("t", Plane.MANAGEMENT, START)).isNull();
    assertThat(known.get("T", Plane.DATA, START)).isNull();
  }
}
