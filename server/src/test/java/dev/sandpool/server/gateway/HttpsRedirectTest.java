package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever is sent elsewhere must be sent to us, and must hear that a token went in the clear. */
@SuppressWarnings("StringConcatToTextBlock") // The line ends are what they are about.
class HttpsRedirectTest {
  private Vertx vertx;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private List<String> answer(int to, String request) throws IOException {
    try (var redirect = HttpsRedirect.open(vertx, "127.0.0.1", 0, to);
        Socket socket = new Socket("127.0.0.1", redirect.port())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return StubSandbox.readHead(socket.getInputStream());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "443, apps.test, https://apps.test/a%2Fb/../c?x=y&identifier=abcd",
    "8443, apps.test:80, https://apps.test:8443/a%2Fb/../c?x=y&identifier=abcd",
    "443, [::1]:80, https://[::1]/a%2Fb/../c?x=y&identifier=abcd",
  })
  void callerIsSentToTheSamePlaceWithTls(int to, String host, String location) throws IOException {
    List<String> head =
        answer(
            to,
            "POST /a%2Fb/../c?x=y&identifier=abcd HTTP/1.1\r\nHost: "
                + host
                + "\r\nContent-Length: 2\r\n\r\nhi");

    assertThat(head.getFirst()).startsWith("HTTP/1.1 308");
    assertThat(head).anyMatch(line -> line.equalsIgnoreCase("Location: " + location));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: Bearer x",
        "Sec-WebSocket-Protocol: chat, sandpool.token.sandpool-session-x",
      })
  void tokenInTheClearIsSaid(String token) throws IOException {
    List<String> head = answer(443, "GET / HTTP/1.1\r\nHost: apps.test\r\n" + token + "\r\n\r\n");

    assertThat(head.getFirst()).startsWith("HTTP/1.1 403");
    assertThat(head).anyMatch(line -> line.equalsIgnoreCase("x-ms-error-code: TlsRequired"));
    assertThat(head).noneMatch(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("loc"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a@evil.test\r\n\r\n",
        "GET http://evil.test/ HTTP/1.1\r\nHost: evil.test\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
      })
  void whatCannotBeSentElsewhereIsRefused(String request) throws IOException {
    assertThat(answer(443, request).getFirst()).matches("HTTP/1\\.[01] 400.*");
  }
}
