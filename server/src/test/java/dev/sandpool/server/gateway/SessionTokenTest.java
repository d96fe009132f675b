package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.Json;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.Samples;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A token for one session opens that one, as long as it lives, and nothing else. */
class SessionTokenTest {
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private RawCaller.Answer call(String method, String path, String token, String... more)
      throws Exception {
    return bed.call()
        .send(
            method
                + " "
                + path
                + " HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 0\r\nAuthorization: Bearer "
                + token
                + "\r\n"
                + String.join("", more)
                + "\r\n")
        .receive();
  }

  private RawCaller.Answer issue(String query) throws Exception {
    String path = GatewayBed.BASE + "/.management/createSessionToken?identifier=" + query;
    return call("POST", path, GatewayBed.TOKEN);
  }

  private String token(String query) throws Exception {
    RawCaller.Answer answer = issue(query);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    JsonNode body = Json.MAPPER.readTree(answer.body());
    return body.path("token").asString();
  }

  private RawCaller.Answer get(String path, String token) throws Exception {
    return call("GET", GatewayBed.BASE + path, token);
  }

  @Test
  void opensItsSession_withoutTheIdentifierBeingSaid() throws Exception {
    StubSandbox sandbox = bed.sandbox("hello");

    String token = token("alice-1");

    assertThat(get("/api?x=1", token).body()).isEqualTo("hello");
    assertThat(get("/api?identifier=alice-1", token).status()).isEqualTo(200);
    assertThat(sandbox.connections()).isPositive();
  }

  @Test
  void whoLeavesWhileASandboxIsWaitedForGetsNone() throws Exception {
    RawCaller leaving =
        bed.call()
            .send(
                GatewayBed.request(
                    "POST",
                    "/.management/createSessionToken?identifier=alice-1",
                    "Content-Length: 0\r\n"));
    await().until(() -> bed.sessions.waiting(bed.poolId()) == 1);

    leaving.close();

    await().until(() -> bed.sessions.waiting(bed.poolId()) == 0);
    SandboxId untouched = bed.ready(9);
    assertThat(bed.ledger.sandbox(untouched))
        .hasValueSatisfying(sandbox -> assertThat(sandbox.state()).isEqualTo(SandboxState.READY));
  }

  @Test
  void allocatesWhenIssued_soThatItCanBeHandedOutBeforeTheFirstRequest() throws Exception {
    bed.sandbox("hello");

    token("alice-1");

    assertThat(bed.session("alice-1")).isNotNull();
  }

  private RawCaller.Answer ask(String identifier) throws Exception {
    return bed.post("/.management/createSessionToken?identifier=" + identifier);
  }

  @Test
  void whatCouldNotBeHad_isNotCounted_andIsToldWhenToComeAgain() throws Exception {
    bed.options(
        new PoolRoute.Options(
            null, false, false, null, new PoolBounds(false, 1, 0, 0, 0), BrowserRules.DEFAULT));
    bed.sandbox("hello");
    bed.ledger.setWritable(false);
    RawCaller.Answer unavailable = ask("alice-1");
    bed.ledger.setWritable(true);

    assertThat(unavailable.status()).isEqualTo(503);
    assertThat(unavailable.header("Retry-After")).containsExactly("1");
    assertThat(ask("alice-1").status()).isEqualTo(200);
    RawCaller.Answer tooMany = ask("bob-1");
    assertThat(tooMany.status()).isEqualTo(429);
    assertThat(tooMany.header("x-ms-error-code")).containsExactly("TooManyAllocations");
    assertThat(Integer.parseInt(tooMany.header("Retry-After").getFirst())).isBetween(1, 60);
  }

  @Test
  void holdsTheIdentifierInNoReadableForm() throws Exception {
    bed.sandbox("hello");

    String token = token("alice-the-first");

    String sealed = token.substring("sandpool-session-".length());
    String bytes = new String(Base64.getUrlDecoder().decode(sealed), StandardCharsets.ISO_8859_1);
    assertThat(token + bytes).doesNotContain("alice");
  }

  @Test
  void replayOnAnotherIdentifierOrPool_looksTheSameWhetherThereIsOne() throws Exception {
    bed.sandbox("hello");
    bed.sandbox("other");
    String token = token("alice-1");
    bed.get("/?identifier=bob-1");

    RawCaller.Answer known = get("/?identifier=bob-1", token);
    RawCaller.Answer unknown = get("/?identifier=bob-2", token);
    RawCaller.Answer noPool = call("GET", GatewayBed.BASE + "x/?identifier=bob-2", token);

    assertThat(known.status()).isEqualTo(403);
    assertThat(unknown.body()).isEqualTo(known.body());
    assertThat(noPool.status()).isEqualTo(403);
    assertThat(noPool.body()).isEqualTo(known.body());
    assertThat(bed.session("bob-2")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/.management/listSessions",
        "/.management/stopSession?identifier=alice-1",
        "/.management/createSessionToken?identifier=alice-1"
      })
  void callsAboutSessions_areNotForIt(String path) throws Exception {
    bed.sandbox("hello");

    assertThat(call("POST", GatewayBed.BASE + path, token("alice-1")).status()).isEqualTo(403);
    assertThat(bed.session("alice-1")).isNotNull();
  }

  @Test
  void stolenAfterTheStop_opensNeitherThatNorALaterSession() throws Exception {
    bed.sandbox("first");
    String token = token("alice-1");
    assertThat(get("/", token).status()).isEqualTo(200);
    String stop = GatewayBed.BASE + "/.management/stopSession?identifier=alice-1";

    assertThat(call("POST", stop, GatewayBed.TOKEN).status()).isEqualTo(200);

    assertThat(get("/", token).status()).isEqualTo(401);
    assertThat(bed.session("alice-1")).as("the token made a session").isNull();
    bed.sandbox("second");
    assertThat(bed.get("/?identifier=alice-1").body()).isEqualTo("second");
    assertThat(get("/", token).status()).isEqualTo(401);
    assertThat(get("/", token("alice-1")).body()).isEqualTo("second");
  }

  @Test
  void sandboxThatRefusesConnections_isNotReplacedForIt() throws Exception {
    StubSandbox dead = bed.sandbox("first");
    String token = token("alice-1");
    bed.sandbox("second");
    dead.close();

    RawCaller.Answer answer = get("/", token);

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.body()).doesNotContain("second");
  }

  @Test
  void expired_opensNothing() throws Exception {
    bed.sandbox("hello");
    String token = token("alice-1&expiresInSeconds=60");
    assertThat(get("/", token).status()).isEqualTo(200);

    bed.now.updateAndGet(now -> now.plus(Duration.ofSeconds(60)));

    RawCaller.Answer answer = get("/", token);
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body()).contains("has expired");
  }

  @Test
  void methods_areThoseOfTheToken() throws Exception {
    bed.sandbox("hello");
    String token = token("alice-1&methods=get,PUT");

    assertThat(get("/", token).status()).isEqualTo(200);
    assertThat(call("PUT", GatewayBed.BASE + "/", token).status()).isEqualTo(200);
    assertThat(call("DELETE", GatewayBed.BASE + "/", token).status()).isEqualTo(403);
  }

  @ParameterizedTest
  @CsvSource({
    "methods=GET, X-HTTP-Method-Override: DELETE",
    "methods=GET, x-http-method: DELETE",
    "methods=GET, X-Method-Override: PUT",
    "methods=GET, X_HTTP_Method_Override: DELETE",
    "methods=GET, X.HTTP-Method: DELETE",
    "pathPrefix=/, X-Original-URL: /secret",
    "pathPrefix=/api, x-rewrite-url: /secret",
    "pathPrefix=/api, X_Original-URL: /secret",
  })
  void headersThatMakeAnotherRequestOfIt_areRefused(String bound, String header) throws Exception {
    bed.sandbox("hello");
    String path = GatewayBed.BASE + "/api";

    assertThat(call("GET", path, token("alice-1&" + bound), header + "\r\n").status())
        .isEqualTo(403);
    assertThat(call("GET", path, token("alice-1"), header + "\r\n").status())
        .as("a token for everything")
        .isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "/api, 200",
    "/api/, 200",
    "/api/x?path=/../y, 200",
    "/apix, 403",
    "/API, 403",
    "/, 403",
    "/api/../secret, 403",
    "/api/%2e%2e/secret, 403",
    "/api/..%2Fsecret, 403",
    "/api/%252e%252e/secret, 403",
    "/api/..\\secret, 403",
    "/api//secret, 403",
    "/api/..;/secret, 403",
    "/api/.., 403",
  })
  void paths_areThoseBelowThePrefix_howeverAnApplicationReadsThem(String path, int status)
      throws Exception {
    bed.sandbox("hello");
    String token = token("alice-1&pathPrefix=/api");

    assertThat(get(path, token).status()).isEqualTo(status);
  }

  @Test
  void forged_opensNothing_whateverElseTheKeySeals() throws Exception {
    bed.sandbox("hello");
    String token = token("alice-1");
    char last = token.charAt(token.length() - 5);
    String changed =
        token.substring(0, token.length() - 5)
            + (last == 'A' ? 'B' : 'A')
            + token.substring(token.length() - 4);

    assertThat(get("/", changed).status()).isEqualTo(401);
    assertThat(get("/", "sandpool-session-").status()).isEqualTo(401);
    assertThat(get("/", "sandpool-session-%%%").status()).isEqualTo(401);
    assertThat(get("/", "sandpool-session-" + "A".repeat(5000)).status()).isEqualTo(401);
  }

  @ParameterizedTest
  @CsvSource({
    "expiresInSeconds=0, expiresInSeconds",
    "expiresInSeconds=86401, expiresInSeconds",
    "expiresInSeconds=soon, expiresInSeconds",
    "methods=GET%20ME, methods",
    "pathPrefix=api, pathPrefix",
    "pathPrefix=/a%2520b, pathPrefix",
  })
  void wrongWish_isNamed(String wish, String name) throws Exception {
    RawCaller.Answer answer = issue("alice-1&" + wish);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains("InvalidSessionToken", "'" + name + "'", "accepted:");
    assertThat(bed.session("alice-1")).isNull();
  }

  @Test
  void withoutTheRight_noneIsIssued() throws Exception {
    String path = GatewayBed.BASE + "/.management/createSessionToken?identifier=alice-1";

    assertThat(call("POST", path, "not-allowed").status()).isEqualTo(403);
    assertThat(bed.session("alice-1")).isNull();
  }

  @Test
  void restarted_theTokenIsStillGood() throws Exception {
    bed.sandbox("hello");
    String token = token("alice-1");

    bed.sessions.adopt(bed.ledger.sandboxes());

    assertThat(get("/", token).status()).isEqualTo(200);
    assertThat(bed.sessions.find(new SessionKey(Samples.pool(1, 1).id(), "alice-1"))).isNotNull();
  }

  @Test
  void inTheQuery_itIsNoToken() throws Exception {
    bed.sandbox("hello");
    String token = token("alice-1");

    RawCaller.Answer answer =
        bed.call()
            .send(
                "GET "
                    + GatewayBed.BASE
                    + "/?identifier=alice-1&access_token="
                    + token
                    + " HTTP/1.1\r\nHost: gw.test\r\n\r\n")
            .receive();

    assertThat(answer.status()).isEqualTo(401);
  }

  private RawCaller.Answer upgrade(String... lines) throws Exception {
    return bed.call()
        .send(
            "GET "
                + GatewayBed.BASE
                + "/ws HTTP/1.1\r\nHost: gw.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                + String.join("", lines)
                + "\r\n")
        .receive();
  }

  @Test
  void asASubprotocol_opensAWebSocket_andIsHiddenFromTheApplication() throws Exception {
    bed.sandbox((request, in, out) -> StubSandbox.respond(out, request.toString()));
    String token = token("alice-1");
    String bearing = "Sec-WebSocket-Protocol: sandpool.token.";

    RawCaller.Answer one = upgrade(bearing + token + ", chat, chat2\r\n");
    RawCaller.Answer two = upgrade("Sec-WebSocket-Protocol: chat\r\n", bearing + token + "\r\n");

    assertThat(one.status()).as(one.body()).isEqualTo(200);
    assertThat(one.body()).contains("chat, chat2").doesNotContain("sandpool-session");
    assertThat(two.body()).contains("chat").doesNotContain("sandpool-session");
  }

  @Test
  void asASubprotocol_alone_twice_orBesideAnother_isRefused() throws Exception {
    bed.sandbox("hello");
    String token = token("alice-1");
    String bearing = "Sec-WebSocket-Protocol: sandpool.token." + token;

    assertThat(upgrade(bearing + "\r\n").status()).isEqualTo(400);
    assertThat(upgrade(bearing + ", chat\r\n", bearing + "\r\n").status()).isEqualTo(400);
    assertThat(upgrade(bearing + ", chat\r\n", GatewayBed.AUTH).status()).isEqualTo(400);
    assertThat(
            upgrade("Sec-WebSocket-Protocol: sandpool.token." + GatewayBed.TOKEN + ", chat\r\n")
                .status())
        .isEqualTo(401);
  }
}
