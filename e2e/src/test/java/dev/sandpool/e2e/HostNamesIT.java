package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The names that a server with a domain tells must lead to its pools and sessions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostNamesIT {
  private final Stage stage;
  private final String token;

  HostNamesIT() throws Exception {
    stage = Stage.development("hosts", "server:\n  domain: apps.test\n");
    token = stage.cli().ok("sandpool token").strip();
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    stage.close();
  }

  @Test
  void poolsAndSessionsAnswerAtTheAddressesThatAreToldOfThem() throws Exception {
    URI endpoint =
        URI.create(stage.pool("named", "--ready-sessions 1 --max-sessions 2").endpoint());
    assertThat(endpoint.getHost()).matches("named\\..+\\..+\\.apps\\.test");

    String first = at(endpoint, "GET /?identifier=user-001");
    assertThat(first).startsWith("HTTP/1.1 200").contains("instance");
    String session = at(endpoint, "POST /.management/getSession?identifier=user-001");
    String origin = session.replaceFirst("(?s).*\"origin\":\"([^\"]+)\".*", "$1");

    assertThat(URI.create(origin).getHost()).endsWith("--" + endpoint.getHost());
    assertThat(body(at(URI.create(origin), "GET /"))).isEqualTo(body(first));
  }

  private static String body(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n"));
  }

  /** Nobody but this test knows where these names are. */
  private String at(URI url, String line) throws IOException {
    try (var socket = new Socket("127.0.0.1", url.getPort())) {
      String request =
          "%s HTTP/1.1\r\nHost: %s:%d\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n"
              .formatted(line, url.getHost(), url.getPort(), token);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
