package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Text blocks would hide the line ends that the tests are about. */
@SuppressWarnings("StringConcatToTextBlock")
class RequestTrailersTest {
  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private void sandboxThatNotesTrailers() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          String size = StubSandbox.readLine(in);
          while (size != null && !size.equals("0")) {
            in.skipNBytes(Integer.parseInt(size, 16) + 2);
            size = StubSandbox.readLine(in);
          }
          seen.addAll(StubSandbox.readHead(in));
          StubSandbox.respond(out, "ok");
        });
  }

  @Test
  void trailersArriveAlsoOfTheRequestThatWaitedForItsSandbox() throws Exception {
    sandboxThatNotesTrailers();
    RawCaller caller = bed.call();

    for (int i = 0; i < 2; i++) {
      caller.send(
          GatewayBed.request("POST", "/?identifier=abcd", CHUNKED)
              + "2\r\nhi\r\n0\r\nX-Sum: 42\r\nX-More: caf\u00e9\r\n\r\n");
      assertThat(caller.receive().body()).isEqualTo("ok");
      assertThat(seen).containsExactly("X-Sum: 42", "X-More: caf\u00e9");
      seen.clear();
    }
  }

  @Test
  void whatIsReadBeforeTheBodyIsNotSaidAnewAfterIt() throws Exception {
    sandboxThatNotesTrailers();

    RawCaller.Answer answer =
        bed.call()
            .send(
                GatewayBed.request("POST", "/?identifier=abcd", CHUNKED)
                    + "0\r\nX-Sum: 1\r\nX-Forwarded-For: 6.6.6.6\r\nsandpool-x: y\r\nCookie: a=b"
                    + "\r\nX-HTTP-Method-Override: DELETE\r\nX_Rewrite_URL: /"
                    + "\r\nConnection: close\r\n\r\n")
            .receive();

    assertThat(answer.status()).isEqualTo(200);
    assertThat(seen).containsExactly("X-Sum: 1");
  }

  @Test
  void trailersOfARefusedRequestAreNotThoseOfTheNext() throws Exception {
    sandboxThatNotesTrailers();
    RawCaller caller = bed.call();

    caller.send(GatewayBed.request("POST", "/?identifier=a", CHUNKED) + "0\r\nX-Old: 1\r\n\r\n");
    assertThat(caller.receive().status()).isEqualTo(400);
    caller.send(GatewayBed.request("POST", "/?identifier=abcd", CHUNKED) + "0\r\n\r\n");

    assertThat(caller.receive().status()).isEqualTo(200);
    assertThat(seen).isEmpty();
  }

  /** Nobody without a token may fill the memory: these are refused before it is looked at. */
  @Test
  void trailersOfHeadsThatAreRefusedAreNotKept() throws Exception {
    String body = CHUNKED + "\r\n0\r\nX-Sum: 1\r\n\r\n";
    List<String> refused =
        List.of(
            "POST /none HTTP/1.1\r\n" + body,
            "POST /two HTTP/1.1\r\nHost: a\r\nHost: b\r\n" + body,
            "POST /many HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n".repeat(1000) + body,
            "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n" + body);
    RawCaller caller = bed.call();

    for (int i = 0; i < 300; i++) {
      caller.send(refused.get(i % refused.size()));
      assertThat(caller.receive().status()).isIn(400, 405, 431);
    }

    assertThat(alive(RequestBody.class)).as("what is alive is seen").isPositive();
    assertThat(alive(RequestBody.Trailers.class)).isLessThanOrEqualTo(1);
  }

  /** How many objects of that class there are that somebody holds. */
  private static long alive(Class<?> type) throws Exception {
    String all =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {null},
                    new String[] {String[].class.getName()});
    return all.lines()
        .map(line -> line.strip().split("\\s+", -1))
        .filter(columns -> columns.length > 3 && columns[3].equals(type.getName()))
        .mapToLong(columns -> Long.parseLong(columns[1]))
        .sum();
  }

  /** All of them are read before the first is answered. */
  @Test
  void requestsSentWithoutWaitingKeepTheirTrailersEachItsOwn() throws Exception {
    var first = new CountDownLatch(1);
    bed.sandbox(
        (request, in, out) -> {
          if (request.line().startsWith("GET")) {
            first.await();
          } else {
            String size = StubSandbox.readLine(in);
            while (size != null && !size.equals("0")) {
              in.skipNBytes(Integer.parseInt(size, 16) + 2);
              size = StubSandbox.readLine(in);
            }
            seen.add(request.line().split(" ", -1)[1] + " " + StubSandbox.readHead(in));
          }
          StubSandbox.respond(out, "ok");
        });
    String body = "2\r\nhi\r\n0\r\n";
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request("GET", "/0?identifier=abcd", "")
                    + GatewayBed.request("POST", "/1?identifier=abcd", CHUNKED)
                    + (body + "X-Sum: 1\r\n\r\n")
                    + GatewayBed.request("POST", "/refused?identifier=a", CHUNKED)
                    + (body + "X-Sum: none\r\n\r\n")
                    + GatewayBed.request("POST", "/2?identifier=abcd", CHUNKED)
                    + (body + "\r\n")
                    + GatewayBed.request("POST", "/3?identifier=abcd", CHUNKED)
                    + (body + "X-Sum: 3\r\nX-More: 3\r\n\r\n")
                    + GatewayBed.request("GET", "/4?identifier=abcd", "")
                    + GatewayBed.request("POST", "/5?identifier=abcd", CHUNKED)
                    + (body + "X-Sum: 5\r\n\r\n"));
    first.countDown();

    for (int status : List.of(200, 200, 400, 200, 200, 200, 200)) {
      assertThat(caller.receive().status()).isEqualTo(status);
    }
    assertThat(seen)
        .containsExactly(
            "/1?identifier=abcd [X-Sum: 1]",
            "/2?identifier=abcd []",
            "/3?identifier=abcd [X-Sum: 3, X-More: 3]",
            "/5?identifier=abcd [X-Sum: 5]");
  }

  @Test
  void trailerThatTwoReadersReadDifferentlyCutsTheRequest() throws Exception {
    sandboxThatNotesTrailers();
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request("POST", "/?identifier=abcd", CHUNKED)
                    + "0\r\nX-A: b\rGET /smuggled HTTP/1.1\r\n\r\n");

    caller.isCut();

    assertThat(seen).noneMatch(line -> line.contains("smuggled"));
  }
}
