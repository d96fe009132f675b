package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a hostile document or script in a caller's browser could do, and what it is told. */
@SuppressWarnings("StringConcatToTextBlock") // The line ends are what they are about.
class BrowserTest {
  private static final String APP = "https://app.test";
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private void browser(boolean sandboxed, String... origins) {
    bed.options(
        new PoolRoute.Options(
            null,
            false,
            false,
            null,
            PoolBounds.NONE,
            new BrowserRules(sandboxed, Set.of(origins))));
  }

  private RawCaller.Answer send(String line, String headers) throws Exception {
    return bed.call()
        .send(line.formatted(GatewayBed.BASE) + " HTTP/1.1\r\nHost: gw.test\r\n" + headers + "\r\n")
        .receive();
  }

  @Test
  void documentByPathGetsNoPartInTheOriginThatAllPoolsShare() throws Exception {
    bed.sandbox("<script>steal()</script>");

    RawCaller.Answer answer = bed.get("/page?identifier=abcd");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Security-Policy")).containsExactly("sandbox");
  }

  @Test
  void policyOfTheApplicationIsKeptBesideOurs_sinceBrowsersObeyBoth() throws Exception {
    bed.sandbox(
        (request, in, out) ->
            out.write(
                ("HTTP/1.1 200 OK\r\nContent-Security-Policy: default-src 'self'\r\n"
                        + "Content-Length: 0\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII)));

    assertThat(bed.get("/page?identifier=abcd").header("Content-Security-Policy"))
        .containsExactlyInAnyOrder("sandbox", "default-src 'self'");
  }

  @Test
  void poolThatSwitchedItOffAndPoolsByHostAreNotKeptApart() throws Exception {
    bed.sandbox("ok");
    browser(false);
    RawCaller.Answer off = bed.get("/page?identifier=abcd");
    browser(true);
    RawCaller.Answer byHost =
        bed.call()
            .send(
                "GET /page?identifier=abcd HTTP/1.1\r\nHost: "
                    + GatewayBed.HOST
                    + "\r\n"
                    + GatewayBed.AUTH
                    + "\r\n")
            .receive();

    assertThat(off.header("Content-Security-Policy")).isEmpty();
    assertThat(byHost.status()).isEqualTo(200);
    assertThat(byHost.header("Content-Security-Policy")).isEmpty();
  }

  @Test
  void preflightIsAnsweredWithoutATokenAndWithoutASession() throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");
    browser(true, APP);

    RawCaller.Answer answer =
        send(
            "OPTIONS %s/run?identifier=abcd",
            "Origin: https://app.test\r\nAccess-Control-Request-Method: PUT\r\n"
                + "Access-Control-Request-Headers: authorization, content-type\r\n");

    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.header("Access-Control-Allow-Origin")).containsExactly(APP);
    assertThat(answer.header("Access-Control-Allow-Methods")).containsExactly("PUT");
    assertThat(answer.header("Access-Control-Allow-Headers"))
        .containsExactly("authorization, content-type");
    assertThat(answer.header("Vary").getFirst()).contains("origin");
    assertThat(sandbox.requests).isEmpty();
  }

  @Test
  void preflightOfAnotherOriginLearnsNothing_notEvenThatThePoolIsThere() throws Exception {
    bed.sandbox("ok");
    browser(true, APP);
    String preflight = "Origin: https://evil.test\r\nAccess-Control-Request-Method: PUT\r\n";

    RawCaller.Answer refused = send("OPTIONS %s/run?identifier=abcd", preflight);
    RawCaller.Answer nowhere = send("OPTIONS %sx/run?identifier=abcd", preflight);

    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.header("Access-Control-Allow-Origin")).isEmpty();
    assertThat(nowhere.status()).isEqualTo(401);
    assertThat(nowhere.body()).isEqualTo(refused.body());
  }

  @Test
  void optionsThatAreNoPreflightReachTheApplication() throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");
    browser(true, APP);

    RawCaller.Answer answer =
        send("OPTIONS %s/run?identifier=abcd", "Origin: https://app.test\r\n" + GatewayBed.AUTH);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(sandbox.requests).hasSize(1);
  }

  @Test
  void sandboxDoesNotSayWhichOriginsMayRead() throws Exception {
    bed.sandbox(
        (request, in, out) ->
            out.write(
                ("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://evil.test\r\n"
                        + "access-control-allow-credentials: true\r\nVary: Accept\r\n"
                        + "Content-Length: 0\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII)));
    browser(true, APP);

    RawCaller.Answer app =
        send("GET %s/run?identifier=abcd", "Origin: https://app.test\r\n" + GatewayBed.AUTH);
    RawCaller.Answer evil =
        send("GET %s/run?identifier=abcd", "Origin: https://evil.test\r\n" + GatewayBed.AUTH);

    assertThat(app.header("Access-Control-Allow-Origin")).containsExactly(APP);
    assertThat(app.header("Access-Control-Allow-Credentials")).isEmpty();
    assertThat(app.header("Access-Control-Expose-Headers")).containsExactly("*");
    assertThat(String.join(",", app.header("Vary")).toLowerCase(java.util.Locale.ROOT))
        .contains("accept", "origin");
    assertThat(evil.header("Access-Control-Allow-Origin")).isEmpty();
  }

  @Test
  void scriptsOfAnAllowedOriginMayReadWhyTheyWereRefused() throws Exception {
    bed.sandbox(
        (request, in, out) -> out.write("nonsense\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
    browser(true, APP);

    RawCaller.Answer noToken = send("GET %s/run?identifier=abcd", "Origin: https://app.test\r\n");
    RawCaller.Answer noIdentifier =
        send("GET %s/run", "Origin: https://app.test\r\n" + GatewayBed.AUTH);
    RawCaller.Answer noHttp =
        send("GET %s/run?identifier=abcd", "Origin: https://app.test\r\n" + GatewayBed.AUTH);

    assertThat(noToken.status()).isEqualTo(401);
    assertThat(noIdentifier.status()).isEqualTo(400);
    assertThat(noHttp.status()).isEqualTo(502);
    for (RawCaller.Answer answer : new RawCaller.Answer[] {noToken, noIdentifier, noHttp}) {
      assertThat(answer.header("Access-Control-Allow-Origin")).containsExactly(APP);
    }
  }

  @Test
  void starLetsEveryOriginIn() throws Exception {
    bed.sandbox("ok");
    browser(true, "*");

    RawCaller.Answer answer =
        send("GET %s/run?identifier=abcd", "Origin: null\r\n" + GatewayBed.AUTH);

    assertThat(answer.header("Access-Control-Allow-Origin")).containsExactly("null");
  }

  @Test
  void poolThatLetsNobodyInSaysNothingOfOrigins() throws Exception {
    bed.sandbox("ok");

    RawCaller.Answer answer =
        send("GET %s/run?identifier=abcd", "Origin: https://app.test\r\n" + GatewayBed.AUTH);

    assertThat(answer.head().toString().toLowerCase(java.util.Locale.ROOT))
        .doesNotContain("access-control", "vary");
  }
}
