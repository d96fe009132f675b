package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text blocks would hide the line ends that the tests are about. */
@SuppressWarnings("StringConcatToTextBlock")
class UnauthenticatedTest {
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private RawCaller.Answer call(String path, String headers) throws Exception {
    return bed.call()
        .send("GET " + path + " HTTP/1.1\r\nHost: gw.test\r\n" + headers + "\r\n")
        .receive();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Authorization: Basic dXNlcjpwdw==\r\n",
        "Authorization: Bearer\r\n",
        "Authorization: Bearer \r\n",
        "Authorization: Bearer two words\r\n",
        "Authorization: Bearer forged\r\n",
      })
  void withoutAValidTokenNothingIsDone(String authorization) throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");

    RawCaller.Answer answer = call(GatewayBed.BASE + "/?identifier=abcd", authorization);

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("x-ms-error-code")).containsExactly("Unauthenticated");
    assertThat(answer.header("WWW-Authenticate"))
        .containsExactly("Bearer authorization_uri=\"https://login.test/t\"");
    assertThat(answer.body()).contains("\"code\":\"Unauthenticated\"").doesNotContain("forged");
    assertThat(sandbox.connections()).isZero();
    assertThat(bed.session("abcd")).isNull();
  }

  @Test
  void poolsThatExistAndThoseThatDoNotLookTheSame() throws Exception {
    RawCaller.Answer known = call(GatewayBed.BASE + "/?identifier=abcd", "");
    RawCaller.Answer unknown = call(GatewayBed.BASE + "x/?identifier=abcd", "");

    assertThat(unknown.status()).isEqualTo(known.status());
    assertThat(unknown.body()).isEqualTo(known.body());
  }

  @Test
  void unknownPoolIsSaidToWhoMayAsk() throws Exception {
    RawCaller.Answer answer = call(GatewayBed.BASE + "x/?identifier=abcd", GatewayBed.AUTH);

    assertThat(answer.status()).isEqualTo(404);
  }

  @Test
  void missingRoleIsForbidden() throws Exception {
    RawCaller.Answer answer =
        call(GatewayBed.BASE + "/?identifier=abcd", "Authorization: Bearer not-allowed\r\n");

    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.header("x-ms-error-code")).containsExactly("Forbidden");
  }

  @Test
  void twoAuthorizationHeadersAreRefused() throws Exception {
    RawCaller.Answer answer =
        call(
            GatewayBed.BASE + "/?identifier=abcd",
            GatewayBed.AUTH + "Authorization: Bearer other\r\n");

    assertThat(answer.status()).isEqualTo(400);
  }

  @Test
  void tokenSeenBeforeIsNotExaminedAgain() throws Exception {
    bed.sandbox("ok");

    bed.get("/?identifier=abcd");
    bed.get("/?identifier=abcd");

    assertThat(bed.tokens.verified).hasValue(1);
  }

  @Test
  void bodySentWhileTheTokenIsExaminedIsNotLost() throws Exception {
    bed.sandbox(
        (request, in, out) ->
            StubSandbox.respond(
                out,
                new String(in.readNBytes(300_000), java.nio.charset.StandardCharsets.ISO_8859_1)));
    String body = "0123456789".repeat(30_000);

    RawCaller.Answer answer =
        bed.call()
            .send(
                GatewayBed.request("POST", "/?identifier=abcd", "Content-Length: 300000\r\n")
                    + body)
            .receive();

    assertThat(answer.body()).isEqualTo(body);
  }
}
