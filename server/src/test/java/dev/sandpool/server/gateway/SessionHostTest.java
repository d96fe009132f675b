package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import dev.sandpool.server.ledger.Samples;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A web origin for each session alone: what one leaves in a browser no other one finds there. */
@SuppressWarnings("StringConcatToTextBlock") // The line ends are what they are about.
class SessionHostTest {
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

    assertThat(one).matches("https://[0-9a-f]{24}--MyPool\\.env\\.test").isNotEqualTo(two);
    assertThat(at(one, "/style.css").body()).isEqualTo("of one");
    assertThat(at(two, "/style.css").body()).isEqualTo("of two");
    assertThat(at(one, "/?identifier=user-1").body()).isEqualTo("of one");
    assertThat(at(one, "/again").body()).isEqualTo("of one");
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

    RawCaller.Answer answer = at("https://" + "0".repeat(24) + "--mypool.env.test", "/");

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
    String label = URI.create(origin("user-1")).getHost().split("\\.", 2)[0];
    var impostor = new PoolRoute(Samples.poolId(9), label, "s1", "rg", "https://public.test/x");

    bed.routesWith(impostor);

    assertThat(at("https://" + label + ".env.test", "/").body()).isEqualTo("of one");
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

    assertThat(at("https://" + hash + "--mypool.env.test", "/?identifier=user-9").body())
        .isEqualTo("fresh");
  }

  @Test
  void poolWithoutRoomInTheNameOrWithoutDomainHasNoOrigins() {
    var routes = new PoolRoutes();
    routes.replace(List.of(route("p".repeat(37)), route("p".repeat(38)), route("pool")));
    var hosts = new SessionHosts(GatewayBed::hashed, "env.test", routes);
    var nowhere = new SessionHosts(GatewayBed::hashed, null, routes);

    assertThat(hosts.origin(route("p".repeat(37)), "abcd")).contains("--" + "p".repeat(37) + ".");
    assertThat(hosts.origin(route("p".repeat(38)), "abcd")).isNull();
    assertThat(nowhere.origin(route("pool"), "abcd")).isNull();
    assertThat(hosts.origin(route("other"), "abcd")).isNull();
  }

  private static PoolRoute route(String name) {
    return new PoolRoute(Samples.poolId(1), name, "s", "g", "http://gw.test:8080/x");
  }
}
