package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.audit.AuditEvent;
import dev.sandpool.server.audit.AuditEvent.Kind;
import dev.sandpool.server.audit.AuditEvent.Result;
import java.net.Inet4Address;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who was given a sandbox, who ended one and who was turned away must be known afterwards. */
@SuppressWarnings("StringConcatToTextBlock") // The line ends are what they are about.
class AllocationsAreRecordedTest {
  private static final String POOL =
      "/subscriptions/S1/resourceGroups/RG/providers/Microsoft.App/sessionPools/MyPool";

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
  void allocationIsRecordedOnceWithWhoAskedForIt() throws Exception {
    bed.sandbox("ok");
    RawCaller.Answer answer = bed.get("/?identifier=abcd");
    bed.get("/?identifier=abcd");

    await().until(() -> !bed.audit.events().isEmpty());
    assertThat(bed.audit.events()).hasSize(1);
    AuditEvent event = bed.audit.events().getFirst();
    assertThat(event.kind()).isEqualTo(Kind.ALLOCATION);
    assertThat(event.actor()).isNotEmpty();
    assertThat(event.from()).isEqualTo("127.0.0.1");
    assertThat(event.resource()).isEqualToIgnoringCase(POOL);
    assertThat(event.identifier()).isEqualTo("abcd");
    assertThat(event.request()).isEqualTo(answer.header("sandpool-request-id").getFirst());
    assertThat(event.detail()).containsKey("sandbox");
  }

  @Test
  void stopIsRecordedWhetherThereWasASessionOrNot() throws Exception {
    bed.sandbox("ok");
    bed.get("/?identifier=abcd");
    for (String identifier : new String[] {"abcd", "unknown"}) {
      bed.call()
          .send(
              GatewayBed.request(
                  "POST",
                  "/.management/stopSession?identifier=" + identifier,
                  "Content-Length: 0\r\n"))
          .receive();
    }

    assertThat(bed.audit.events())
        .filteredOn(event -> event.kind() == Kind.STOP)
        .extracting(AuditEvent::action, AuditEvent::result, AuditEvent::identifier)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("stopSession", Result.DONE, "abcd"),
            org.assertj.core.groups.Tuple.tuple("stopSession", Result.FAILED, "unknown"));
  }

  @Test
  void tokenForASessionIsRecordedBeforeItIsHandedOutAndSoIsTheSandboxThatItTook() throws Exception {
    bed.sandbox("ok");
    for (int i = 0; i < 2; i++) {
      RawCaller.Answer answer =
          bed.call()
              .send(
                  GatewayBed.request(
                      "POST",
                      "/.management/createSessionToken?identifier=abcd",
                      "Content-Length: 0\r\n"))
              .receive();
      assertThat(answer.status()).isEqualTo(200);
    }

    assertThat(bed.audit.events())
        .extracting(AuditEvent::kind)
        .containsExactly(Kind.ALLOCATION, Kind.TOKEN, Kind.TOKEN);
    AuditEvent event = bed.audit.events().getLast();
    assertThat(event.actor()).isNotEmpty();
    assertThat(event.resource()).isEqualToIgnoringCase(POOL);
    assertThat(event.identifier()).isEqualTo("abcd");
    assertThat(event.detail()).containsKeys("sandbox", "expires");
    assertThat(event.toString()).doesNotContain("sandpool-session-");
  }

  @Test
  void refusalIsRecordedWithoutItsQuery() throws Exception {
    bed.call()
        .send("GET " + GatewayBed.BASE + "/x?identifier=abcd HTTP/1.1\r\nHost: gw.test\r\n\r\n")
        .receive();

    assertThat(bed.audit.events()).hasSize(1);
    AuditEvent event = bed.audit.events().getFirst();
    assertThat(event.kind()).isEqualTo(Kind.REFUSAL);
    assertThat(event.code()).isEqualTo("Unauthenticated");
    assertThat(event.resource()).isEqualTo(GatewayBed.BASE + "/x");
  }

  @Test
  void whateverIsRecordedSaysWhoWasBehindATrustedProxy() throws Exception {
    var proxies =
        new TrustedProxies(
            List.of(new TrustedProxies.Range(Inet4Address.ofLiteral("127.0.0.1"), 32)));
    try (var behind = new GatewayBed(proxies)) {
      behind.sandbox("ok");
      String afar = "X-Forwarded-For: forged, 203.0.113.7\r\n";
      String without = "GET " + GatewayBed.BASE + "/x HTTP/1.1\r\nHost: gw.test\r\n" + afar;
      behind.call().send(GatewayBed.request("GET", "/?identifier=abcd", afar)).receive();
      for (String call : List.of("createSessionToken", "stopSession")) {
        behind
            .call()
            .send(
                GatewayBed.request(
                    "POST",
                    "/.management/" + call + "?identifier=abcd",
                    afar + "Content-Length: 0\r\n"))
            .receive();
      }
      behind.call().send(without + "\r\n").receive();

      assertThat(behind.audit.events())
          .extracting(AuditEvent::kind)
          .contains(Kind.ALLOCATION, Kind.TOKEN, Kind.STOP, Kind.REFUSAL);
      assertThat(behind.audit.events())
          .allSatisfy(
              event -> assertThat(event.from()).as(event.action()).isEqualTo("203.0.113.7"));
    }
  }
}
