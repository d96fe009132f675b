package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.Samples;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A web origin for each session alone: what one leaves in a browser no other one finds there. */
@SuppressWarnings("StringConcatToTextBlock") // The line ends are what they are about.
class SessionHostTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private String origin(String identifier) throws Exception {
    String answer = bed.post("/.management/getSession?identifier=" + identifier).body();
    return Json.MAPPER.readTree(answer).path("origin").asString();
  }

  private RawCaller.Answer at(String origin, String target) throws Exception {
    return bed.call()
        .send(
            "GET %s HTTP/1.1\r\nHost: %s\r\n".formatted(target, URI.create(origin).getHost())
                + GatewayBed.AUTH
                + "\r\n")
        .receive();
  }

  @Test
  void hostThatASessionIsSaidToHaveReachesItWithAndWithoutItsIdentifier() throws Exception {
    bed.sandbox("of one");
    bed.sandbox("of two");
    bed.get("/?identifier=user-1");
    bed.get("/?identifier=user-2");

    String one = origin("user-1");
    String two = origin("user-2");

    assertThat(one)
        .matches("https://[0-9a-f]{24}--mypool\\.dev-x7\\.westus\\.env\\.test")
        .isNotEqualTo(two);
    assertThat(at(one, "/style.css").body()).isEqualTo("of one");
    assertThat(at(two, "/style.css").body()).isEqualTo("of two");
    assertThat(at(one, "/?identifier=user-1").body()).isEqualTo("of one");
    assertThat(at(one, "/again").body()).isEqualTo("of one");
  }

  @Test
  void formsAndWebSocketsReachTheirSessionToo() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          if (request.header("Upgrade").isEmpty()) {
            StubSandbox.respond(out, "got " + Bodies.read(request, in));
            return;
          }
          StubSandbox.write(
              out,
              "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                  + "Upgrade: websocket\r\n\r\nhi!");
          out.write(in.read());
          out.flush();
        });
    bed.get("/?identifier=user-1");
    String host = URI.create(origin("user-1")).getHost();

    RawCaller.Answer form =
        bed.call()
            .send(
                "POST /form HTTP/1.1\r\nHost: %s\r\nContent-Length: 3\r\n".formatted(host)
                    + GatewayBed.AUTH
                    + "\r\na=b")
            .receive();
    RawCaller socket =
        bed.call()
            .send(
                "GET /ws HTTP/1.1\r\nHost: %s\r\n".formatted(host)
                    + "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                    + GatewayBed.AUTH
                    + "\r\n");

    assertThat(form.body()).isEqualTo("got a=b");
    assertThat(socket.receive().status()).isEqualTo(101);
    assertThat(new String(socket.in().readNBytes(3), StandardCharsets.US_ASCII)).isEqualTo("hi!");
    socket.send("x");
    assertThat(socket.in().read()).isEqualTo('x');
  }

  @Test
  void documentOfOneSessionIsNeverServedInTheOriginOfAnother() throws Exception {
    bed.sandbox("of one");
    bed.sandbox("of two");
    bed.get("/?identifier=user-1");
    bed.get("/?identifier=user-2");
    String one = origin("user-1");
    at(one, "/?identifier=user-1");

    RawCaller.Answer answer = at(one, "/?identifier=user-2");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.header("x-ms-error-code")).containsExactly("InvalidSessionHost");
  }

  @Test
  void hostOfASessionThatIsNotThereMakesNone() throws Exception {
    StubSandbox sandbox = bed.sandbox("never");

    RawCaller.Answer answer = at("https://" + "0".repeat(24) + "--" + GatewayBed.HOST, "/");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.header("x-ms-error-code")).containsExactly("SessionWithIdentifierNotFound");
    assertThat(sandbox.requests).isEmpty();
  }

  @Test
  void sessionThatHasEndedIsNotMadeAnewByAPageThatIsStillOpen() throws Exception {
    bed.sandbox("first");
    StubSandbox second = bed.sandbox("second");
    bed.get("/?identifier=user-1");
    String one = origin("user-1");
    at(one, "/");
    bed.post("/.management/stopSession?identifier=user-1");

    RawCaller.Answer answer = at(one, "/");

    assertThat(answer.status()).isEqualTo(404);
    assertThat(second.requests).isEmpty();
  }

  /** A container that has just ended refuses connections before anybody knows of its end. */
  @Test
  void sessionWhoseContainerEndsIsNotMadeAnewByAPageThatIsStillOpen() throws Exception {
    StubSandbox first = bed.sandbox("first");
    bed.get("/?identifier=user-1");
    String one = origin("user-1");
    SandboxId id = Objects.requireNonNull(bed.session("user-1")).sandbox();
    StubSandbox second = bed.sandbox("second");
    first.close();

    var asked = CompletableFuture.supplyAsync(() -> status(one));
    // Refused by now, or in wait to hear of the end, which comes.
    assertThat(asked.copy().completeOnTimeout(0, 150, TimeUnit.MILLISECONDS))
        .succeedsWithin(PATIENCE);
    bed.ledger.markStopping(id, "exited", Instant.EPOCH);
    bed.sessions.sandboxEnding(id);
    bed.ledger.markGone(id, Instant.EPOCH);
    bed.sessions.sandboxGone(id);

    assertThat(asked).succeedsWithin(PATIENCE).isIn(404, 502);
    assertThat(second.requests).isEmpty();
  }

  private int status(String origin) {
    try {
      return at(origin, "/poll").status();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void pageInOneOriginCannotListOrStopTheSessionsOfOthers() throws Exception {
    bed.sandbox("of one");
    bed.get("/?identifier=user-1");
    String host = URI.create(origin("user-1")).getHost();

    RawCaller.Answer answer =
        bed.call()
            .send(
                "POST /.management/listSessions HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n"
                        .formatted(host)
                    + GatewayBed.AUTH
                    + "\r\n")
            .receive();

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.body()).doesNotContain("user-1");
  }

  @Test
  void poolThatIsNamedLikeTheHostOfASessionDoesNotTakeItOver() throws Exception {
    bed.sandbox("of one");
    bed.get("/?identifier=user-1");
    String host = URI.create(origin("user-1")).getHost();
    var impostor =
        new PoolRoute(
            Samples.poolId(9), "x", "s1", "rg", "https://p.test/x", host, PoolRoute.Options.NONE);

    bed.routesWith(impostor);

    assertThat(at("https://" + host, "/").body()).isEqualTo("of one");
  }

  @Test
  void hostIsNoSecretThatStandsForAToken() throws Exception {
    bed.sandbox("of one");
    bed.get("/?identifier=user-1");
    String host = URI.create(origin("user-1")).getHost();

    RawCaller.Answer answer =
        bed.call().send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").receive();

    assertThat(answer.status()).isEqualTo(401);
  }

  @Test
  void firstRequestAtItsHostMayMakeTheSession() throws Exception {
    bed.sandbox("fresh");
    String hash = GatewayBed.hashed(Samples.poolId(1).value() + "/user-9");

    assertThat(at("https://" + hash + "--" + GatewayBed.HOST, "/?identifier=user-9").body())
        .isEqualTo("fresh");
  }

  @Test
  void poolWithoutRoomInTheNameOrWithoutDomainHasNoOrigins() {
    var hosts = new SessionHosts(GatewayBed::hashed);

    assertThat(hosts.origin(route("p".repeat(37) + ".env.test"), "abcd"))
        .isEqualTo(
            "http://"
                + GatewayBed.hashed(Samples.poolId(1).value() + "/abcd")
                + "--"
                + "p".repeat(37)
                + ".env.test:8080");
    assertThat(hosts.origin(route("p".repeat(38) + ".env.test"), "abcd")).isNull();
    assertThat(hosts.origin(route(null), "abcd")).isNull();
    assertThat(new SessionHosts(null).origin(route("pool.env.test"), "abcd")).isNull();
  }

  private static PoolRoute route(@Nullable String host) {
    return new PoolRoute(
        Samples.poolId(1), "p", "s", "g", "http://gw.test:8080/x", host, PoolRoute.Options.NONE);
  }
}
