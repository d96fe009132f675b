package dev.sandpool.server.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sandpool.server.identity.Identities;
import dev.sandpool.server.identity.RegistryTokens;
import dev.sandpool.server.role.Scope;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stand-in speaks the exchange as Azure's registries do. */
class RegistryExchangeTest {
  private static final Grant GRANT = new Grant("/pool", true, "principal-1", "client-1");

  private final List<String> asked = new ArrayList<>();
  private String realm = "http://SERVER/oauth2/token";
  private int exchanged = 200;
  private String answer = "{\"refresh_token\":\"theirs\"}";

  @SuppressWarnings("NullAway.Init") // set before each test
  private HttpServer registry;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set before each test
  private Path directory;

  @SuppressWarnings("NullAway.Init") // set before each test
  private RegistryTokens own;

  private String service = "reg.test";

  @BeforeEach
  void listen() throws IOException {
    own = Identities.in(directory).registryTokens(Map.of("mine.test", Scope.ALL));
    registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.createContext(
        "/v2/",
        exchange -> {
          exchange
              .getResponseHeaders()
              .add(
                  "WWW-Authenticate",
                  "Bearer realm=\""
                      + realm.replace("SERVER", server())
                      + "\",service=\""
                      + service
                      + "\"");
          reply(exchange, 401, "");
        });
    registry.createContext("/oauth2/exchange", exchange -> reply(exchange, exchanged, answer));
    registry.start();
  }

  private void reply(HttpExchange exchange, int status, String body) throws IOException {
    String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add(
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI()
            + " "
            + URLDecoder.decode(form, StandardCharsets.UTF_8));
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @AfterEach
  void stop() {
    registry.stop(0);
  }

  private String server() {
    return "127.0.0.1:" + registry.getAddress().getPort();
  }

  private RegistryExchange.Login login() throws TokenSource.Refusal {
    TokenSource tokens =
        (grant, resource) ->
            new WorkloadToken(
                grant.principalId() + " for " + resource, Instant.EPOCH, Instant.EPOCH);
    return new RegistryExchange(
            new RegistryExchange.Settings(server -> true, Optional.empty()),
            tokens,
            own,
            "tenant-1")
        .login(GRANT, server());
  }

  @Test
  void theIdentitysTokenIsTradedForALogin() throws Exception {
    RegistryExchange.Login login = login();

    assertThat(login)
        .isEqualTo(new RegistryExchange.Login("00000000-0000-0000-0000-000000000000", "theirs"));
    assertThat(asked)
        .containsExactly(
            "GET /v2/ ",
            "POST /oauth2/exchange grant_type=access_token&service=reg.test&tenant=tenant-1"
                + "&access_token=principal-1 for https://containerregistry.azure.net");
    assertThat(login.toString()).doesNotContain("theirs");
  }

  @Test
  void aRegistryThatSendsToTheAuthorityIsToldNothing() throws Exception {
    realm = own.realm().toString();
    service = "mine.test";

    RegistryExchange.Login login = login();

    assertThat(asked).containsExactly("GET /v2/ ");
    var token = com.nimbusds.jwt.SignedJWT.parse(login.password()).getJWTClaimsSet();
    assertThat(token.getAudience()).containsExactly("mine.test");
    assertThat(token.getSubject()).isEqualTo("principal-1");
  }

  @Test
  void aRegistryThatSendsToTheAuthorityAndIsNotConfiguredIsRefused() {
    realm = own.realm().toString();

    assertThatExceptionOfType(TokenSource.Refusal.class)
        .isThrownBy(this::login)
        .withMessageContaining("'reg.test', which is not among identity.registries");
  }

  @Test
  void aRegistryThatSendsElsewhereGetsNoToken() {
    for (String elsewhere :
        List.of("http://127.0.0.1:1/oauth2/token", "http://SERVER/token", "", "http://[")) {
      realm = elsewhere;
      assertThatExceptionOfType(TokenSource.Refusal.class)
          .as(elsewhere)
          .isThrownBy(this::login)
          .matches(refusal -> !refusal.passing());
    }
    assertThat(asked).allMatch(it -> it.startsWith("GET /v2/"));
  }

  @Test
  void aRefusalNamesRegistryAndIdentity() {
    exchanged = 401;
    answer = "{\"errors\":[]}";

    assertThatExceptionOfType(TokenSource.Refusal.class)
        .isThrownBy(this::login)
        .withMessageContaining(server())
        .withMessageContaining("principal-1")
        .withMessageContaining("401")
        .matches(refusal -> !refusal.passing());
  }

  @Test
  void anAnswerWithoutATokenIsARefusal() {
    for (String wrong : List.of("{}", "no json", "[]")) {
      answer = wrong;
      assertThatExceptionOfType(TokenSource.Refusal.class).isThrownBy(this::login);
    }
  }

  @Test
  void aRegistryThatIsAwayMayBeBackLater() {
    String server = server();
    registry.stop(0);

    assertThat(server).isNotEmpty();
    assertThatExceptionOfType(TokenSource.Refusal.class)
        .isThrownBy(this::login)
        .matches(TokenSource.Refusal::passing);
  }
}
