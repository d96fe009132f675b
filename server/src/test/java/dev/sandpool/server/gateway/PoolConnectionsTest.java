package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.ledger.Samples;
import java.io.DataInputStream;
import java.io.EOFException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Callers of one pool must not take the connections that those of all others come over (G10). */
class PoolConnectionsTest {
  private static final String UPGRADE = "Connection: Upgrade\r\nUpgrade: echo\r\n";

  private static final String LENGTH = "Content-Length: 0\r\n";

  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
    bounded(2);
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private void bounded(int connections) {
    bed.options(
        new PoolRoute.Options(
            null,
            false,
            false,
            null,
            new PoolBounds(false, 0, 0, 0, connections),
            BrowserRules.DEFAULT));
  }

  private RawCaller served() throws Exception {
    RawCaller caller = bed.call();
    assertThat(again(caller).status()).isEqualTo(200);
    return caller;
  }

  private static RawCaller.Answer again(RawCaller caller) throws Exception {
    return caller.send(GatewayBed.request("GET", "/?identifier=abcd", "")).receive();
  }

  private void oneTooManyIsToldSoAndEnds() throws Exception {
    RawCaller extra = bed.call();
    RawCaller.Answer refused = again(extra);
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.header("x-ms-error-code")).containsExactly("SessionPoolBusy");
    assertThat(refused.header("Retry-After")).containsExactly("1");
    assertThat(refused.header("Connection")).containsExactly("close");
    assertThat(refused.body()).contains("as many connections of callers as it may have: 2");
    assertThat(extra.isCut()).isTrue();
  }

  @Test
  void unusedConnectionsCount_theirRequestsGoOn_andTheirEndMakesRoom() throws Exception {
    bed.sandbox("ok");
    RawCaller first = served();
    RawCaller second = served();

    oneTooManyIsToldSoAndEnds();

    assertThat(again(first).status()).as("one that is there").isEqualTo(200);
    assertThat(bed.callerConnections()).isEqualTo(2);
    second.close();
    await().untilAsserted(() -> assertThat(bed.get("/?identifier=abcd").status()).isEqualTo(200));
  }

  @Test
  void upgradedConnectionsCountUntilTheyAreClosed() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          if (request.header("Upgrade").isEmpty()) {
            StubSandbox.respond(out, "ok");
          } else {
            StubSandbox.write(
                out, "HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
            in.read();
          }
        });
    RawCaller[] upgraded = {bed.call(), bed.call()};
    for (RawCaller one : upgraded) {
      one.send(GatewayBed.request("GET", "/?identifier=abcd", UPGRADE));
      assertThat(one.receive().status()).isEqualTo(101);
    }

    oneTooManyIsToldSoAndEnds();

    upgraded[0].close();
    await().untilAsserted(() -> assertThat(bed.get("/?identifier=abcd").status()).isEqualTo(200));
    upgraded[1].close();
    await()
        .untilAsserted(
            () -> assertThat(bed.callerConnections()).as("the one that came last").isEqualTo(1));
  }

  @Test
  void connectionOfHttp2CountsOnceHoweverManyStreamsItHas() throws Exception {
    var all = new CountDownLatch(5);
    bed.sandbox(
        (request, in, out) -> {
          if (request.line().contains("/stream")) {
            all.countDown();
            assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
          }
          StubSandbox.respond(out, "ok");
        });
    try (HttpClient client = http2()) {
      assertThat(get(client, "/first").statusCode()).isEqualTo(200);
      var streams = new ArrayList<CompletableFuture<?>>();
      for (int i = 0; i < 5; i++) {
        streams.add(
            client
                .sendAsync(request("/stream"), HttpResponse.BodyHandlers.ofString())
                .thenAccept(answer -> assertThat(answer.statusCode()).isEqualTo(200)));
      }
      for (var stream : streams) {
        stream.get(20, TimeUnit.SECONDS);
      }
      assertThat(bed.callerConnections()).isEqualTo(1);
      served();

      oneTooManyIsToldSoAndEnds();
      assertThat(get(client, "/again").statusCode()).isEqualTo(200);
    }
    await().untilAsserted(() -> assertThat(bed.callerConnections()).isEqualTo(1));
  }

  /**
   * Written by hand: a client would open another connection without a word, and the JDK's forgets
   * an answer that it has not handed on when the connection ends behind it.
   */
  @Test
  void refusedConnectionOfHttp2EndsAfterItsAnswer() throws Exception {
    bed.sandbox("ok");
    served();
    served();
    RawCaller late = bed.call();
    byte[] frames =
        Http2Frames.begin()
            .frame(
                Http2Frames.HEADERS,
                Http2Frames.END_HEADERS | Http2Frames.END_STREAM,
                1,
                Http2Frames.block("GET", "/?identifier=abcd"))
            .bytes();
    late.socket().getOutputStream().write(frames);

    int status = 0;
    boolean away = false;
    try (var in = new DataInputStream(late.in())) {
      while (true) {
        Http2Frames.Frame frame = Http2Frames.read(in);
        status = frame.type() == Http2Frames.HEADERS ? frame.status() : status;
        away |= frame.type() == Http2Frames.GOAWAY;
      }
    } catch (EOFException end) {
      // It was closed, which is what is awaited.
    }

    assertThat(status).isEqualTo(503);
    assertThat(away).as("told not to come again").isTrue();
  }

  @Test
  void connectionIsThePoolsThatItsLastRequestWasFor_andIsNotCutForAnothers() throws Exception {
    bounded(1);
    bed.sandbox("ok");
    RawCaller moving = served();
    String other =
        "GET /subscriptions/s1/resourceGroups/rg/sessionPools/other/?identifier=abcd HTTP/1.1\r\n"
            + "Host: gw.test\r\n"
            + GatewayBed.AUTH
            + "\r\n";
    bed.routesWith(
        new PoolRoute(Samples.pool(2, 1).id(), "other", "s1", "rg", "https://public.test/other"));
    moving.send(other).receive();
    bounded(1);

    served();
    RawCaller.Answer back = again(moving);

    assertThat(back.status()).isEqualTo(503);
    assertThat(back.header("Connection")).isEmpty();
    assertThat(
            moving.send(GatewayBed.request("POST", "/.management/listSessions", LENGTH)).receive())
        .extracting(RawCaller.Answer::status)
        .isEqualTo(200);
  }

  /** Its streams to the one pool go on while it asks the other. */
  @Test
  void connectionOfHttp2IsAllPoolsThatItHasHadRequestsFor() throws Exception {
    bounded(1);
    bed.sandbox("ok");
    String other = "/subscriptions/s1/resourceGroups/rg/sessionPools/other";
    try (HttpClient client = http2()) {
      assertThat(get(client, "/first").statusCode()).isEqualTo(200);
      bed.routesWith(
          new PoolRoute(Samples.pool(2, 1).id(), "other", "s1", "rg", "https://public.test/other"));
      client.send(request(other, "/"), HttpResponse.BodyHandlers.ofString());
      bounded(1);

      RawCaller.Answer late = again(bed.call());
      assertThat(late.status()).isEqualTo(503);
      assertThat(late.header("x-ms-error-code")).containsExactly("SessionPoolBusy");
      assertThat(get(client, "/again").statusCode()).isEqualTo(200);
    }
    await().untilAsserted(() -> assertThat(bed.callerConnections()).isZero());
    served();
  }

  @Test
  void whoHasNoRightAndWhoAsksAboutSessionsTakesNoPlace() throws Exception {
    bed.sandbox("ok");
    bed.call().send("GET " + GatewayBed.BASE + "/ HTTP/1.1\r\nHost: gw.test\r\n\r\n").receive();
    bed.get("/?identifier=no");
    bed.post("/.management/listSessions");
    served();
    served();

    RawCaller.Answer managed = bed.post("/.management/getSession?identifier=abcd");

    assertThat(managed.status()).isEqualTo(200);
    oneTooManyIsToldSoAndEnds();
  }

  private static HttpClient http2() {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
  }

  private HttpRequest request(String path) {
    return request(GatewayBed.BASE, path);
  }

  private HttpRequest request(String base, String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + bed.port() + base + path + "?identifier=abcd"))
        .header("Authorization", "Bearer " + GatewayBed.TOKEN)
        .build();
  }

  private HttpResponse<String> get(HttpClient client, String path) throws Exception {
    return client.send(request(path), HttpResponse.BodyHandlers.ofString());
  }
}
