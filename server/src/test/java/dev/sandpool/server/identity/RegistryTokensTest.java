package dev.sandpool.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import dev.sandpool.model.Json;
import dev.sandpool.server.role.BuiltInRole;
import dev.sandpool.server.role.OperationTable;
import dev.sandpool.server.role.Rights;
import dev.sandpool.server.role.RoleAssignment;
import dev.sandpool.server.role.Scope;
import dev.sandpool.server.secret.DataKey;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Who gets into registries through the token server, and how far. */
@SuppressWarnings("NullAway.Init") // the fields are set before each test
class RegistryTokensTest {
  private static final String SERVICE = "registry.test";
  private static final String GROUP = "/subscriptions/s/resourceGroups/g";

  /** The root is made once: that takes programs. */
  @TempDir static Path roots;

  @TempDir Path directory;
  private TestIdentity identity;
  private RegistryTokens tokens;
  private Rights rights = Rights.ALL;
  private Predicate<String> lives = _ -> true;

  @BeforeEach
  void open() throws Exception {
    identity = new TestIdentity(directory, false);
    tokens =
        identity.registryTokens(
            roots,
            DataKey.of(new byte[32]),
            Map.of(SERVICE, Scope.of(GROUP), "other.test", Scope.ALL));
  }

  private RegistryTokens.Standing standing() {
    return new RegistryTokens.Standing(_ -> rights, lives);
  }

  private String tenant() {
    return identity.principals.tenant();
  }

  private String basic(String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  private TokenResponse get(String authorization, String service, String... scopes) {
    Map<String, List<String>> query =
        Map.of(
            "service", List.of(service), "scope", List.of(scopes), "client_id", List.of("docker"));
    return tokens.token(
        new TokenRequest(tenant(), query, Optional.of(authorization)), false, standing());
  }

  private TokenResponse post(Map<String, String> fields) {
    var form = new HashMap<String, List<String>>();
    form.put("service", List.of(SERVICE));
    form.put("client_id", List.of("docker"));
    fields.forEach((name, value) -> form.put(name, List.of(value)));
    return tokens.token(new TokenRequest(tenant(), form, Optional.empty()), true, standing());
  }

  private String administrator() {
    return basic(identity.credentials.clientId(), identity.credentials.clientSecret());
  }

  private static TokenResponse.ForRegistry issued(TokenResponse response) {
    assertThat(response).isInstanceOf(TokenResponse.ForRegistry.class);
    return (TokenResponse.ForRegistry) response;
  }

  private static JsonNode claims(String token) throws Exception {
    return Json.MAPPER.readTree(SignedJWT.parse(token).getPayload().toString());
  }

  @Test
  void aTokenBringsACertificateOfTheRootAndSaysWhatItIsGoodFor() throws Exception {
    var response = issued(get(administrator(), SERVICE, "repository:team/app:pull,push"));
    SignedJWT jwt = SignedJWT.parse(response.token());
    var certificates = CertificateFactory.getInstance("X.509");
    var leaf =
        (X509Certificate)
            certificates.generateCertificate(
                new ByteArrayInputStream(jwt.getHeader().getX509CertChain().getFirst().decode()));
    var root =
        certificates.generateCertificate(
            new ByteArrayInputStream(tokens.root().getBytes(StandardCharsets.US_ASCII)));

    leaf.verify(root.getPublicKey());
    assertThat(leaf.getPublicKey()).isInstanceOf(ECPublicKey.class);
    assertThat(jwt.verify(new ECDSAVerifier((ECPublicKey) leaf.getPublicKey()))).isTrue();
    JsonNode claims = claims(response.token());
    assertThat(claims.path("aud").asString()).isEqualTo(SERVICE);
    assertThat(claims.path("iss").asString()).isEqualTo(identity.issuer.name());
    assertThat(claims.path("exp").asLong())
        .isEqualTo(TestIdentity.START.plus(RegistryTokens.LIFETIME).getEpochSecond());
    assertThat(claims.path("access").toString())
        .isEqualTo(
            "[{\"type\":\"repository\",\"name\":\"team/app\",\"actions\":[\"pull\",\"push\"]}]");
    assertThat(response.refreshToken()).isNull();
  }

  @Test
  void everyActionIsForThoseRolesAndNoOthers() throws Exception {
    List<OperationTable.Row> rows = OperationTable.read("registry");
    assertThat(rows).hasSize(3);
    for (OperationTable.Row row : rows) {
      for (BuiltInRole role : BuiltInRole.values()) {
        for (String scope : List.of("", "/subscriptions/s", GROUP, "/subscriptions/s2")) {
          rights = Rights.of(List.of(new RoleAssignment("p", role, scope)));
          String asked = "repository:app:" + row.operation();
          List<String> granted = issued(get(administrator(), SERVICE, asked)).scopes();
          assertThat(granted)
              .as("%s as %s at '%s'", row.operation(), role, scope)
              .isEqualTo(
                  row.roles().contains(role) && !scope.endsWith("s2") ? List.of(asked) : List.of());
        }
      }
    }
  }

  @Test
  void whoMayPullAloneGetsNoMoreOfWhatWasAsked() throws Exception {
    rights = Rights.of(List.of(new RoleAssignment("p", BuiltInRole.ACR_PULL, GROUP)));
    var response =
        issued(get(administrator(), SERVICE, "repository:a:pull,push,*", "registry:catalog:*"));

    assertThat(response.scopes()).containsExactly("repository:a:pull");
    assertThat(claims(response.token()).path("access").path(0).path("actions").toString())
        .isEqualTo("[\"pull\"]");
  }

  @Test
  void wrongOrMissingLoginsAre401() {
    assertThat(get(basic(identity.credentials.clientId(), "wrong"), SERVICE).status())
        .isEqualTo(401);
    assertThat(get(basic("nobody", "x"), SERVICE).status()).isEqualTo(401);
    assertThat(get("Bearer x", SERVICE).status()).isEqualTo(401);
    assertThat(
            tokens
                .token(
                    new TokenRequest(
                        tenant(), Map.of("service", List.of(SERVICE)), Optional.empty()),
                    false,
                    standing())
                .status())
        .isEqualTo(401);
  }

  @Test
  void aSecretInTheQueryIsNoLogin() {
    Map<String, List<String>> query =
        Map.of(
            "service", List.of(SERVICE),
            "client_id", List.of(identity.credentials.clientId()),
            "client_secret", List.of(identity.credentials.clientSecret()),
            "grant_type", List.of("password"),
            "username", List.of(identity.credentials.clientId()),
            "password", List.of(identity.credentials.clientSecret()));

    assertThat(
            tokens
                .token(new TokenRequest(tenant(), query, Optional.empty()), false, standing())
                .status())
        .isEqualTo(401);
  }

  @Test
  void passwordsAndRefreshTokensByPostAreLoginsToo() {
    String refresh =
        issued(
                post(
                    Map.of(
                        "grant_type",
                        "password",
                        "username",
                        identity.credentials.clientId(),
                        "password",
                        identity.credentials.clientSecret(),
                        "access_type",
                        "offline")))
            .refreshToken();
    assertThat(refresh).isNotNull();
    var again =
        issued(
            post(
                Map.of(
                    "grant_type", "refresh_token",
                    "refresh_token", String.valueOf(refresh),
                    "scope", "repository:a:pull repository:b:pull")));

    assertThat(again.scopes()).containsExactly("repository:a:pull", "repository:b:pull");
    assertThat(post(Map.of("grant_type", "client_credentials")).json())
        .contains("unsupported_grant_type");
  }

  @Test
  void aRefreshTokenIsGoodForItsRegistryAlone_untilItExpires() {
    String refresh = tokens.refreshToken("object-1", "client-1", SERVICE);
    String login = basic(RegistryTokens.NOBODY, refresh);

    assertThat(get(login, SERVICE).status()).isEqualTo(200);
    assertThat(get(login, "other.test").status()).isEqualTo(401);
    assertThat(get(administrator(), "other.test").status()).isEqualTo(200);
    assertThat(get(administrator(), "unknown.test").status()).isEqualTo(400);
    identity.at(TestIdentity.START.plus(TestIdentity.LIFETIME).plus(Duration.ofSeconds(61)));
    assertThat(get(login, SERVICE).status()).isEqualTo(401);
  }

  @Test
  void theRefreshTokenOfAPoolsIdentityEndsWithTheIdentity() {
    String login =
        basic(RegistryTokens.NOBODY, tokens.refreshToken("object-1", "client-1", SERVICE));
    lives = "object-1"::equals;
    TokenResponse before = get(login, SERVICE);
    lives = "object-2"::equals;

    assertThat(before.status()).isEqualTo(200);
    assertThat(get(login, SERVICE).status()).isEqualTo(401);
    assertThat(get(administrator(), SERVICE).status()).isEqualTo(200);
  }

  @Test
  void noOtherTokenIsARefreshTokenWhateverItsAudience_norTheOtherWayRound() {
    // As code in a sandbox gets it, which may choose the audience.
    String chosen =
        identity.authority.issue(new Principal(tenant(), "object-1", "client-1", false), SERVICE);
    String refresh = tokens.refreshToken("object-1", identity.credentials.clientId(), SERVICE);
    String access = issued(get(administrator(), SERVICE)).token();

    for (String other : List.of(chosen, access, identity.token(Plane.MANAGEMENT), "x", "")) {
      assertThat(get(basic(RegistryTokens.NOBODY, other), SERVICE).status()).isEqualTo(401);
    }
    for (Plane plane : Plane.values()) {
      assertThat(identity.verifier.verify(refresh, plane)).isInstanceOf(Verdict.Refused.class);
      assertThat(identity.verifier.verify(access, plane)).isInstanceOf(Verdict.Refused.class);
    }
  }

  @Test
  void aDeletedPrincipalsRefreshTokenEndsAtOnce() throws Exception {
    Principals.Made made = identity.principals.create("app", null, Duration.ofDays(1));
    String client = made.principal().clientId();
    String refresh =
        issued(
                post(
                    Map.of(
                        "grant_type",
                        "password",
                        "username",
                        client,
                        "password",
                        String.valueOf(made.secret()),
                        "access_type",
                        "offline")))
            .refreshToken();
    String login = basic(RegistryTokens.NOBODY, String.valueOf(refresh));
    assertThat(get(login, SERVICE).status()).isEqualTo(200);

    identity.principals.delete(client);

    assertThat(get(login, SERVICE).status()).isEqualTo(401);
  }

  @Test
  void scopesThatAreNone_orTooMany_areRefused() {
    for (String scope :
        List.of("repository", "repository:a", "repository:a:", "repository::pull", "a:b:PULL")) {
      assertThat(get(administrator(), SERVICE, scope).json()).as(scope).contains("invalid_scope");
    }
    assertThat(get(administrator(), SERVICE, "repository:a:pull ".repeat(33)).status())
        .isEqualTo(400);
    assertThat(get(administrator(), SERVICE, "repository:a:pull ".repeat(32)).status())
        .isEqualTo(200);
  }

  @Test
  void theRootStaysAndTheKeyBelowItChanges() throws Exception {
    String root = tokens.root();
    String first = issued(get(administrator(), SERVICE)).token();
    identity.at(TestIdentity.START.plus(TestIdentity.KEY_AGE));
    String later = issued(get(administrator(), SERVICE)).token();
    RegistryTokens restarted = identity.registryTokens(roots, DataKey.of(new byte[32]), Map.of());

    assertThat(SignedJWT.parse(later).getHeader().getX509CertChain())
        .isNotEqualTo(SignedJWT.parse(first).getHeader().getX509CertChain());
    assertThat(tokens.root()).isEqualTo(root);
    assertThat(restarted.root()).isEqualTo(root);
  }

  @Test
  void tokensAreNotPrinted() {
    TokenResponse.ForRegistry response =
        issued(
            post(
                Map.of(
                    "grant_type",
                    "password",
                    "username",
                    identity.credentials.clientId(),
                    "password",
                    identity.credentials.clientSecret(),
                    "access_type",
                    "offline")));

    assertThat(response.toString())
        .doesNotContain(response.token())
        .doesNotContain(String.valueOf(response.refreshToken()));
  }
}
