package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Text blocks would hide the line ends that the tests are about. */
@SuppressWarnings("StringConcatToTextBlock")
class ForgedHeadersTest {
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
  void callersTokenNeverReachesTheSandbox() throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");

    bed.get("/?identifier=abcd");

    assertThat(sandbox.requests.element().lines())
        .noneMatch(line -> line.contains(GatewayBed.TOKEN));
  }

  @Test
  void forwardedAuthorizationBecomesTheSandboxs() throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");

    bed.call()
        .send(
            GatewayBed.request(
                "GET", "/?identifier=abcd", "Sandpool-Forward-Authorization: Basic c2VjcmV0\r\n"))
        .receive();

    StubSandbox.Request seen = sandbox.requests.element();
    assertThat(seen.header("Authorization")).containsExactly("Basic c2VjcmV0");
    assertThat(seen.header("Sandpool-Forward-Authorization")).isEmpty();
  }

  @Test
  void whereARequestComesFromIsSaidByUsAlone() throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");

    bed.call()
        .send(
            GatewayBed.request(
                "GET",
                "/?identifier=abcd",
                "X-Forwarded-For: 6.6.6.6\r\n"
                    + "x-forwarded-proto: https\r\n"
                    + "X-Forwarded-Host: evil\r\n"
                    + "X_Forwarded_For: 6.6.6.6\r\n"
                    + "X-Forwarded-User: root\r\n"
                    + "Forwarded: for=6\r\n"
                    + "X-Real-IP: 6.6.6.6\r\n"
                    + "X_Real_IP: 6.6.6.6\r\n"
                    + "X.Forwarded-For: 6.6.6.6\r\n"
                    + "Sandpool-Anything: 1\r\n"
                    + "sandpool_x: 1\r\n"))
        .receive();

    StubSandbox.Request seen = sandbox.requests.element();
    assertThat(seen.header("X-Forwarded-For")).containsExactly("127.0.0.1");
    assertThat(seen.header("X-Forwarded-Proto")).containsExactly("http");
    assertThat(seen.header("X-Forwarded-Host")).containsExactly("gw.test");
    assertThat(seen.lines())
        .noneMatch(
            line ->
                line.contains("6.6.6.6")
                    || line.toLowerCase(java.util.Locale.ROOT).contains("sandpool-anything")
                    || line.toLowerCase(java.util.Locale.ROOT).contains("sandpool_"))
        .noneMatch(line -> line.startsWith("Forwarded") || line.startsWith("X-Forwarded-User"));
  }

  @Test
  void malformedTraceEndsHere() throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");
    String good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    List<String> malformed =
        List.of(
            "traceparent: " + good.toUpperCase(java.util.Locale.ROOT),
            "traceparent: " + good + "\r\ntraceparent: " + good,
            "Connection: traceparent\r\ntraceparent: " + good,
            "traceparent: ");

    for (String headers : malformed) {
      bed.call()
          .send(
              GatewayBed.request(
                  "GET",
                  "/?identifier=abcd",
                  headers + "\r\ntracestate: vendor=1\r\nSandpool-Request-Id: forged\r\n"))
          .receive();

      StubSandbox.Request seen = sandbox.requests.remove();
      assertThat(seen.header("traceparent")).as(headers).hasSize(1).doesNotContain(good);
      assertThat(seen.header("traceparent").getFirst()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
      assertThat(seen.header("tracestate")).as(headers).isEmpty();
      assertThat(seen.header("sandpool-request-id")).hasSize(1).doesNotContain("forged");
    }
  }

  @Test
  void traceparentIsKeptOrMade() throws Exception {
    StubSandbox sandbox = bed.sandbox("ok");
    String given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    bed.get("/?identifier=abcd");
    bed.call()
        .send(
            GatewayBed.request(
                "GET",
                "/?identifier=abcd",
                "traceparent: " + given + "\r\ntracestate: vendor=1\r\n"))
        .receive();

    assertThat(sandbox.requests.remove().header("traceparent").getFirst())
        .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
    StubSandbox.Request continued = sandbox.requests.remove();
    assertThat(continued.header("traceparent")).containsExactly(given);
    assertThat(continued.header("tracestate")).containsExactly("vendor=1");
  }

  @Test
  void sandboxSpeaksNeitherForUsNorForItsOrigin() throws Exception {
    bed.sandbox(
        (request, in, out) ->
            StubSandbox.write(
                out,
                "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nx-ms-error-code: Forged\r\n"
                    + "Sandpool-Request-Id: forged\r\nsandpool-allocation-time-ms: 0\r\n"
                    + "sandpool_x: 1\r\nAlt-Svc: h2=\"evil:443\"\r\n"
                    + "Strict-Transport-Security: max-age=99999999\r\n"
                    + "NEL: {\"report_to\": \"x\"}\r\nReport-To: {\"group\": \"x\"}\r\n"
                    + "Reporting-Endpoints: x=\"https://evil\"\r\nClear-Site-Data: \"*\"\r\n"
                    + "Set-Cookie: a=1; Path=/; domain=env.test\r\n"
                    + "Set-Cookie: b=domain; Path=/domain; HttpOnly\r\n\r\nno"));

    bed.get("/?identifier=abcd");
    RawCaller.Answer answer = bed.get("/?identifier=abcd");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.header("x-ms-error-code")).isEmpty();
    assertThat(answer.header("sandpool-request-id")).hasSize(1).doesNotContain("forged");
    assertThat(answer.header("sandpool-allocation-time-ms")).isEmpty();
    assertThat(answer.header("sandpool_x")).isEmpty();
    for (String name : List.of("NEL", "Report-To", "Reporting-Endpoints", "Clear-Site-Data")) {
      assertThat(answer.header(name)).as(name).isEmpty();
    }
    assertThat(answer.header("Alt-Svc")).isEmpty();
    assertThat(answer.header("Strict-Transport-Security")).isEmpty();
    assertThat(answer.header("Set-Cookie")).containsExactly("b=domain; Path=/domain; HttpOnly");
  }
}
