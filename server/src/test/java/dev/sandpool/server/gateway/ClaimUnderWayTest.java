package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens to requests between the question for a sandbox and the ledger's answer. */
class ClaimUnderWayTest {
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
    bed.sandbox("known");
    bed.get("/?identifier=known");
    bed.ledger.holdClaims();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private RawCaller ask(String rest) throws Exception {
    int before = bed.ledger.heldClaims();
    RawCaller caller = bed.call().send(GatewayBed.request("GET", rest, ""));
    await().until(() -> bed.ledger.heldClaims() == before + 1);
    return caller;
  }

  /** G4. */
  @Test
  void nothingIsSentBeforeTheClaimIsDurable() throws Exception {
    StubSandbox sandbox = bed.sandbox("fresh");
    RawCaller caller = ask("/?identifier=abcd");
    assertThat(bed.get("/?identifier=known").body()).isEqualTo("known");
    assertThat(sandbox.connections()).isZero();

    bed.ledger.releaseClaims();

    assertThat(caller.receive().body()).isEqualTo("fresh");
  }

  /** Each event loop has one of these callers. */
  @Test
  void knownSessionsGoOnMeanwhile() throws Exception {
    List<RawCaller> callers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      bed.sandbox("fresh");
      callers.add(ask("/?identifier=user-" + i));
    }
    for (int i = 0; i < 4; i++) {
      assertThat(bed.get("/?identifier=known").body()).isEqualTo("known");
    }
    bed.ledger.releaseClaims();
    for (RawCaller caller : callers) {
      assertThat(caller.receive().status()).isEqualTo(200);
    }
  }

  @Test
  void callerThatLeavesMeanwhileIsNotForwarded() throws Exception {
    StubSandbox sandbox = bed.sandbox("fresh");
    RawCaller caller = ask("/?identifier=abcd");

    caller.close();
    // Those who come after it on its event loop have been answered: it has seen the end as well.
    for (int i = 0; i < 4; i++) {
      assertThat(bed.get("/?identifier=known").status()).isEqualTo(200);
    }
    bed.ledger.releaseClaims();

    await().until(() -> bed.session("abcd") != null);
    assertThat(bed.get("/?identifier=abcd").body()).isEqualTo("fresh");
    assertThat(sandbox.requests).hasSize(1);
    await()
        .untilAsserted(
            () -> assertThat(Objects.requireNonNull(bed.session("abcd")).inFlight()).isZero());
  }

  @Test
  void laterRequestsOfTheIdentifierClaimNoSecondSandbox() throws Exception {
    bed.sandbox("one");
    StubSandbox other = bed.sandbox("two");
    List<RawCaller> callers = new ArrayList<>();
    callers.add(ask("/?identifier=abcd"));
    for (int i = 0; i < 4; i++) {
      callers.add(bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", "")));
    }
    assertThat(bed.get("/?identifier=known").status()).isEqualTo(200);
    assertThat(bed.ledger.heldClaims()).isEqualTo(1);

    bed.ledger.releaseClaims();

    for (RawCaller caller : callers) {
      assertThat(caller.receive().body()).isEqualTo("one");
    }
    assertThat(other.connections()).isZero();
  }

  @Test
  void ledgerThatFailsMeanwhileIsSaidAndTheIdentifierIsFree() throws Exception {
    bed.sandbox("fresh");
    RawCaller caller = ask("/?identifier=abcd");
    bed.ledger.setWritable(false);

    bed.ledger.releaseClaims();

    RawCaller.Answer answer = caller.receive();
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("x-ms-error-code")).containsExactly("LedgerUnavailable");
    bed.ledger.setWritable(true);
    assertThat(bed.get("/?identifier=abcd").body()).isEqualTo("fresh");
  }

  @Test
  void poolThatFillsUpMeanwhileIsSaid() throws Exception {
    bed.close();
    bed = new GatewayBed(java.time.Duration.ofSeconds(30), java.time.Duration.ofMinutes(4), 1);
    bed.ledger.holdClaims();
    bed.sandbox("one");
    bed.sandbox("two");
    RawCaller first = ask("/?identifier=user-1");
    RawCaller second = ask("/?identifier=user-2");

    bed.ledger.releaseClaims();

    assertThat(first.receive().status()).isEqualTo(200);
    assertThat(second.receive().status()).isEqualTo(429);
  }
}
