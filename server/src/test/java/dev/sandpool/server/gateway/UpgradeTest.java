package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.ledger.SessionKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Text blocks would hide the line ends that the tests are about. */
@SuppressWarnings("StringConcatToTextBlock")
class UpgradeTest {
  private static final String ASK = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n";
  private static final String AGREE =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Accept: abc\r\n\r\n";

  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed(Duration.ofSeconds(30), Duration.ofSeconds(2), 10);
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private RawCaller upgraded() throws Exception {
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/ws?identifier=abcd", ASK));
    RawCaller.Answer answer = caller.receive();
    assertThat(answer.status()).isEqualTo(101);
    assertThat(answer.header("Upgrade")).containsExactly("websocket");
    assertThat(answer.header("Sec-WebSocket-Accept")).containsExactly("abc");
    return caller;
  }

  private static StubSandbox.Script echo() {
    return (request, in, out) -> {
      StubSandbox.write(out, AGREE + "hi!");
      int octet = in.read();
      while (octet >= 0) {
        out.write(octet);
        out.flush();
        octet = in.read();
      }
      throw new java.io.IOException("the tunnel is over");
    };
  }

  @Test
  void bytesPassBothWaysAfterTheAgreement() throws Exception {
    StubSandbox sandbox = bed.sandbox(echo());

    RawCaller caller = upgraded();

    assertThat(text(caller, 3)).isEqualTo("hi!");
    caller.send("\u0081\u0001\u00ff");
    assertThat(text(caller, 3)).isEqualTo("\u0081\u0001\u00ff");
    assertThat(sandbox.requests.element().header("Upgrade")).containsExactly("websocket");
    assertThat(sandbox.requests.element().header("Connection")).containsExactly("Upgrade");
    assertThat(Objects.requireNonNull(bed.session("abcd")).inFlight()).isEqualTo(1);
  }

  @Test
  void callerThatLeavesEndsTheTunnel() throws Exception {
    bed.sandbox(echo());

    upgraded().close();

    await().until(() -> Objects.requireNonNull(bed.session("abcd")).inFlight() == 0);
  }

  @Test
  void whoHasSaidItsLastGoesOnListening() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, AGREE);
          byte[] all = in.readAllBytes();
          StubSandbox.write(out, all.length + " octets");
          throw new java.io.IOException("the tunnel is over");
        });
    RawCaller caller = upgraded().send("12345");

    caller.socket().shutdownOutput();

    assertThat(text(caller, 8)).isEqualTo("5 octets");
    assertThat(caller.isCut()).isTrue();
    await().until(() -> Objects.requireNonNull(bed.session("abcd")).inFlight() == 0);
  }

  @Test
  void sandboxThatHasSaidItsLastGoesOnListening() throws Exception {
    var heard = new java.util.concurrent.CompletableFuture<String>();
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, AGREE + "bye");
          ((StubSandbox.HalfClosable) out).shutdown();
          heard.complete(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
        });
    RawCaller caller = upgraded();

    assertThat(text(caller, 3)).isEqualTo("bye");
    assertThat(caller.in().read()).isEqualTo(-1);
    caller.send("still here").socket().shutdownOutput();

    assertThat(heard.get(20, java.util.concurrent.TimeUnit.SECONDS)).isEqualTo("still here");
    await().until(() -> Objects.requireNonNull(bed.session("abcd")).inFlight() == 0);
  }

  @Test
  void whatWasSaidBeforeTheEndIsDelivered() throws Exception {
    int much = 8 << 20;
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, AGREE);
          out.write(new byte[much]);
          throw new java.io.IOException("the tunnel is over");
        });

    RawCaller caller = upgraded();

    assertThat(caller.in().readAllBytes()).hasSize(much);
  }

  @Test
  void stoppedSessionEndsTheTunnel() throws Exception {
    bed.sandbox(echo());
    RawCaller caller = upgraded();
    text(caller, 3);

    bed.sessions.stop(new SessionKey(bed.poolId(), "abcd"), "test");

    assertThat(caller.isCut()).isTrue();
  }

  @Test
  void tunnelThatStandsStillEnds() throws Exception {
    bed.sandbox(echo());
    RawCaller caller = upgraded();
    text(caller, 3);

    assertThat(caller.isCut()).isTrue();
    await().until(() -> Objects.requireNonNull(bed.session("abcd")).inFlight() == 0);
  }

  @Test
  void refusalIsHandedOverWithItsBody() throws Exception {
    bed.sandbox(
        (request, in, out) ->
            StubSandbox.write(out, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"));

    RawCaller.Answer answer =
        bed.call().send(GatewayBed.request("GET", "/ws?identifier=abcd", ASK)).receive();

    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.body()).isEqualTo("no");
  }

  private static String text(RawCaller caller, int length) throws Exception {
    return new String(caller.in().readNBytes(length), StandardCharsets.ISO_8859_1);
  }
}
