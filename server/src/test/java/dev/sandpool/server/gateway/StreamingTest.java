package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Text blocks would hide the line ends that the tests are about. */
@SuppressWarnings("StringConcatToTextBlock")
class StreamingTest {
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
  void bytesAreHandedOverAsTheyCome() throws Exception {
    CountDownLatch firstSeen = new CountDownLatch(1);
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
          StubSandbox.write(out, "5\r\nfirst\r\n");
          assertThat(firstSeen.await(20, TimeUnit.SECONDS)).isTrue();
          StubSandbox.write(out, "6\r\nsecond\r\n0\r\n\r\n");
        });
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));

    assertThat(StubSandbox.readHead(caller.in())).contains("transfer-encoding: chunked");
    assertThat(caller.readChunk()).isEqualTo("first");
    firstSeen.countDown();
    assertThat(caller.readChunk()).isEqualTo("second");
    assertThat(caller.readChunk()).isEmpty();
  }

  @Test
  void headIsHandedOverBeforeTheFirstByteOfTheBody() throws Exception {
    CountDownLatch headSeen = new CountDownLatch(1);
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
          assertThat(headSeen.await(20, TimeUnit.SECONDS)).isTrue();
          StubSandbox.write(out, "body");
        });
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));

    assertThat(StubSandbox.readHead(caller.in()).getFirst()).isEqualTo("HTTP/1.1 200 OK");
    headSeen.countDown();
    assertThat(new String(caller.in().readNBytes(4), StandardCharsets.US_ASCII)).isEqualTo("body");
  }

  @Test
  void chunkedRequestArrivesChunked() throws Exception {
    StubSandbox sandbox =
        bed.sandbox(
            (request, in, out) -> {
              var body = new StringBuilder();
              String size = StubSandbox.readLine(in);
              while (size != null && !size.equals("0")) {
                body.append(
                    new String(
                        in.readNBytes(Integer.parseInt(size, 16)), StandardCharsets.US_ASCII));
                StubSandbox.readLine(in);
                size = StubSandbox.readLine(in);
              }
              StubSandbox.readLine(in);
              StubSandbox.respond(out, body.toString());
            });

    RawCaller.Answer answer =
        bed.call()
            .send(
                GatewayBed.request("POST", "/?identifier=abcd", "Transfer-Encoding: chunked\r\n")
                    + "5\r\nhello\r\n7;ext=1\r\n, world\r\n0\r\n\r\n")
            .receive();

    assertThat(answer.body()).isEqualTo("hello, world");
    assertThat(sandbox.requests.element().header("Transfer-Encoding")).containsExactly("chunked");
  }

  @Test
  void trailersPassButForgedOnesDoNot() throws Exception {
    bed.sandbox(
        (request, in, out) ->
            StubSandbox.write(
                out,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                    + "2\r\nok\r\n0\r\nX-Sum: 42\r\nsandpool-request-id: forged\r\n"
                    + "x-ms-error-code: Forged\r\n\r\n"));

    RawCaller.Answer answer = bed.get("/?identifier=abcd");

    assertThat(answer.body()).isEqualTo("ok");
    assertThat(answer.trailers()).containsExactly("X-Sum: 42");
  }

  @Test
  void interimAnswersPassButContinueIsOurs() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, "HTTP/1.1 100 Continue\r\n\r\n");
          StubSandbox.write(out, "HTTP/1.1 102 Processing\r\nContent-Length: 3\r\n\r\n");
          StubSandbox.write(
              out, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nsandpool-x: forged\r\n\r\n");
          StubSandbox.respond(out, "ok");
        });
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));

    RawCaller.Answer processing = caller.receive();
    assertThat(processing.head()).containsExactly("HTTP/1.1 102 Processing");
    RawCaller.Answer hints = caller.receive();
    assertThat(hints.status()).isEqualTo(103);
    assertThat(hints.header("Link")).containsExactly("</a>");
    assertThat(hints.header("sandpool-x")).isEmpty();
    assertThat(caller.receive().body()).isEqualTo("ok");
  }

  @Test
  void floodOfInterimAnswersIsCutShort() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          for (int i = 0; i < 1000; i++) {
            StubSandbox.write(out, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
          }
          StubSandbox.respond(out, "ok");
        });
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));

    for (int i = 0; i < 16; i++) {
      assertThat(caller.receive().status()).isEqualTo(103);
    }
    assertThat(caller.receive().status()).isEqualTo(200);
  }

  @Test
  void oldCallerHearsNoInterimAnswer() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
          StubSandbox.respond(out, "ok");
        });

    String request =
        "GET " + GatewayBed.BASE + "/?identifier=abcd HTTP/1.0\r\n" + GatewayBed.AUTH + "\r\n";

    assertThat(bed.call().send(request).receive().status()).isEqualTo(200);
  }

  @Test
  void requestsSentWithoutWaitingAreAnsweredInOrder() throws Exception {
    bed.sandbox((request, in, out) -> StubSandbox.respond(out, request.line().split(" ")[1]));
    var all = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      all.append(GatewayBed.request("GET", "/" + i + "?identifier=abcd", ""));
    }
    RawCaller caller = bed.call().send(all.toString());

    for (int i = 0; i < 20; i++) {
      assertThat(caller.receive().body()).isEqualTo("/" + i + "?identifier=abcd");
    }
  }

  @Test
  void oldCallerThatAsksForItKeepsItsConnection() throws Exception {
    bed.sandbox("ok");
    RawCaller caller = bed.call();
    String request =
        "GET "
            + GatewayBed.BASE
            + "/?identifier=abcd HTTP/1.0\r\nConnection: keep-alive\r\n"
            + GatewayBed.AUTH
            + "\r\n";

    assertThat(caller.send(request).receive().body()).isEqualTo("ok");
    assertThat(caller.send(request).receive().body()).isEqualTo("ok");
  }

  @Test
  void callerIsToldToSendItsBodyOnceThereIsASandbox() throws Exception {
    StubSandbox sandbox =
        bed.sandbox(
            (request, in, out) ->
                StubSandbox.respond(out, new String(in.readNBytes(4), StandardCharsets.US_ASCII)));
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request(
                    "PUT", "/?identifier=abcd", "Content-Length: 4\r\nExpect: 100-continue\r\n"));

    assertThat(caller.receive().status()).isEqualTo(100);
    assertThat(caller.send("data").receive().body()).isEqualTo("data");
    assertThat(sandbox.requests.element().header("Expect")).isEmpty();
  }

  @Test
  void callerThatIsRefusedIsNotToldToSendItsBody() throws Exception {
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request(
                    "PUT", "/?identifier=a", "Content-Length: 4\r\nExpect: 100-continue\r\n"));

    assertThat(caller.receive().status()).isEqualTo(400);
    assertThat(caller.isCut()).isTrue();
  }

  @Test
  void answersWithoutBodyKeepTheirLengthAndTheConnection() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          String status = request.line().startsWith("HEAD") ? "200 OK" : "304 Not Modified";
          StubSandbox.write(out, "HTTP/1.1 " + status + "\r\nContent-Length: 1234\r\n\r\n");
        });
    RawCaller caller = bed.call();

    for (String method : new String[] {"HEAD", "GET", "HEAD"}) {
      caller.send(GatewayBed.request(method, "/?identifier=abcd", ""));
      RawCaller.Answer answer = caller.receive(true);
      assertThat(answer.header("Content-Length")).containsExactly("1234");
    }
  }

  @Test
  void noContentHasNoLength() throws Exception {
    bed.sandbox((request, in, out) -> StubSandbox.write(out, "HTTP/1.1 204 No Content\r\n\r\n"));

    RawCaller.Answer answer = bed.get("/?identifier=abcd");

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.header("Content-Length")).isEmpty();
    assertThat(answer.header("Transfer-Encoding")).isEmpty();
  }

  @Test
  void oldCallerGetsABodyThatEndsWithTheConnection() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(
              out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nold\r\n");
          StubSandbox.write(out, "5\r\n body\r\n0\r\n\r\n");
        });

    RawCaller.Answer answer =
        bed.call()
            .send(
                "GET "
                    + GatewayBed.BASE
                    + "/?identifier=abcd HTTP/1.0\r\n"
                    + GatewayBed.AUTH
                    + "\r\n")
            .receive();

    assertThat(answer.header("Transfer-Encoding")).isEmpty();
    assertThat(answer.body()).isEqualTo("old body");
  }

  @Test
  void answerThatEndsWithTheSandboxsConnectionIsComplete() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(out, "HTTP/1.0 200 Fine\r\n\r\nto the end");
          throw new java.io.IOException("the body is over");
        });

    RawCaller.Answer answer = bed.get("/?identifier=abcd");

    assertThat(answer.head().getFirst()).isEqualTo("HTTP/1.1 200 Fine");
    assertThat(answer.body()).isEqualTo("to the end");
  }

  @Test
  void answerBeforeTheBodyWasSentIsHandedOver() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(
              out, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        });
    RawCaller caller =
        bed.call()
            .send(GatewayBed.request("POST", "/?identifier=abcd", "Content-Length: 10\r\n"))
            .send("01234");

    assertThat(caller.receive().status()).isEqualTo(413);
    caller.send("56789").send(GatewayBed.request("GET", "/?identifier=a", ""));
    assertThat(caller.receive().status()).isEqualTo(400);
  }
}
