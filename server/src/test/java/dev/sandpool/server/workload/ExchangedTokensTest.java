package dev.sandpool.server.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What another authority is told, and what a container may make it or us do. */
class ExchangedTokensTest {
  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");
  private static final Grant GRANT = new Grant("/pool", true, "principal-1", "client-1");

  private final List<String> asked = new ArrayList<>();
  private int status = 200;
  private String answer =
      "{\"access_token\":\"theirs\",\"expires_in\":3599,\"token_type\":\"Bearer\"}";

  @SuppressWarnings("NullAway.Init") // set before each test
  private HttpServer server;

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          asked.add(
              exchange.getRequestURI() + " " + URLDecoder.decode(body, StandardCharsets.UTF_8));
          if (status == 302) {
            exchange.getResponseHeaders().add("location", "/elsewhere");
          }
          byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private WorkloadToken token(String resource, Map<String, String> clients)
      throws TokenSource.Refusal {
    TokenSource assertions =
        (grant, audience) ->
            new WorkloadToken(
                "ours-" + grant.principalId() + "-" + audience, NOW, NOW.plusSeconds(9));
    var settings =
        new ExchangedTokens.Settings(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/tenant/token"),
            "api://exchange",
            clients);
    try (var tokens = new ExchangedTokens(settings, assertions, InstantSource.fixed(NOW))) {
      return tokens.token(GRANT, resource);
    }
  }

  @Test
  void ourTokenStandsWhereASecretWould() throws Exception {
    WorkloadToken token = token("https://vault.test", Map.of());

    assertThat(token.value()).isEqualTo("theirs");
    assertThat(token.expires()).isEqualTo(NOW.plusSeconds(3599));
    assertThat(asked)
        .containsExactly(
            "/tenant/token grant_type=client_credentials&client_id=client-1"
                + "&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
                + "&client_assertion=ours-principal-1-api://exchange"
                + "&scope=https://vault.test/.default");
  }

  @Test
  void anIdentityGoesByTheNameThatTheOtherSideHasForIt() throws Exception {
    token("x", Map.of("principal-1", "known-there"));

    assertThat(asked.getFirst()).contains("client_id=known-there&");
  }

  @Test
  void whatAContainerAsksForNeitherMovesTheRequestNorAddsToIt() throws Exception {
    token("http://127.0.0.1:1/?a=b&client_id=other#f", Map.of());

    assertThat(asked).hasSize(1);
    assertThat(asked.getFirst())
        .startsWith("/tenant/token ")
        .endsWith("scope=http://127.0.0.1:1/?a=b&client_id=other#f/.default");
  }

  @Test
  void aRedirectionIsNotFollowed() {
    status = 302;
    answer = "{}";

    assertThatExceptionOfType(TokenSource.Refusal.class).isThrownBy(() -> token("x", Map.of()));
    assertThat(asked).hasSize(1);
  }

  @Test
  void aRefusalIsToldByItsCodeAlone() {
    status = 400;
    answer = "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS700213 for tenant X\"}";

    assertThatExceptionOfType(TokenSource.Refusal.class)
        .isThrownBy(() -> token("x", Map.of()))
        .withMessageContaining("invalid_client")
        .withMessageNotContaining("tenant X")
        .matches(refusal -> !refusal.passing());
  }

  @Test
  void anAnswerWithoutEndIsNotRead() {
    answer = "{\"access_token\":\"" + "x".repeat(100_000) + "\",\"expires_in\":1}";

    assertThatExceptionOfType(TokenSource.Refusal.class)
        .isThrownBy(() -> token("x", Map.of()))
        .matches(TokenSource.Refusal::passing);
  }

  @Test
  void anAnswerThatIsNoTokenIsNotPassedOn() {
    for (String wrong : List.of("[]", "{}", "no json", "{\"access_token\":\"x\"}")) {
      answer = wrong;
      assertThatExceptionOfType(TokenSource.Refusal.class).isThrownBy(() -> token("x", Map.of()));
    }
  }
}
