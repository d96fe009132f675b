package dev.sandpool.server.identity;

import static dev.sandpool.server.identity.TestIdentity.LIFETIME;
import static dev.sandpool.server.identity.TestIdentity.START;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sandpool.model.Json;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Client credentials as OAuth has them, and nothing for anybody else. */
@SuppressWarnings("NullAway.Init") // the fields are set before each test
class AuthorityTest {
  private static final String SCOPE = Plane.DATA.audience() + "/.default";

  @TempDir Path directory;
  private TestIdentity identity;

  @BeforeEach
  void open() throws IOException {
    identity = new TestIdentity(directory, false);
  }

  @Test
  void aTokenHasTheClaimsThatClientsLookFor() throws Exception {
    SignedJWT token = SignedJWT.parse(identity.token(Plane.DATA));
    var claims = token.getJWTClaimsSet();
    String tenant = identity.principals.tenant();
    assertThat(claims.getIssuer()).isEqualTo("https://sandpool.example.org/" + tenant + "/v2.0");
    assertThat(claims.getAudience()).containsExactly("https://dynamicsessions.io");
    assertThat(claims.getSubject()).isEqualTo(claims.getStringClaim("oid")).hasSize(36);
    assertThat(claims.getStringClaim("tid")).isEqualTo(tenant);
    assertThat(claims.getStringClaim("appid"))
        .isEqualTo(claims.getStringClaim("azp"))
        .isEqualTo(identity.credentials.clientId());
    assertThat(claims.getIssueTime()).isEqualTo(Date.from(START));
    assertThat(claims.getNotBeforeTime()).isEqualTo(Date.from(START));
    assertThat(claims.getExpirationTime()).isEqualTo(Date.from(START.plus(LIFETIME)));
    assertThat(claims.getJWTID()).isNotEqualTo(jwtId());
    assertThat(claims.getStringClaim("ver")).isEqualTo("2.0");
  }

  private String jwtId() throws Exception {
    return SignedJWT.parse(identity.token(Plane.DATA)).getJWTClaimsSet().getJWTID();
  }

  @ParameterizedTest
  @CsvSource({
    "scope,https://dynamicsessions.io/.default,https://dynamicsessions.io",
    "scope,https://dynamicsessions.io,https://dynamicsessions.io",
    "scope,https://dynamicsessions.io//.default,https://dynamicsessions.io",
    "scope,https://dynamicsessions.io/.default openid profile offline_access,https://dynamicsessions.io",
    "resource,https://dynamicsessions.io/,https://dynamicsessions.io",
    "scope,https://management.azure.com/.default,https://management.azure.com/",
    "scope,https://management.azure.com//.default,https://management.azure.com/",
    "scope,https://management.core.windows.net//.default,https://management.core.windows.net/",
    "resource,https://management.core.windows.net,https://management.core.windows.net/",
  })
  void anAudienceCanBeAskedForInEveryWayThatClientsUse(String field, String value, String audience)
      throws Exception {
    var issued = (TokenResponse.Issued) identity.ask(Map.of(field, value));
    assertThat(SignedJWT.parse(issued.token()).getJWTClaimsSet().getAudience())
        .containsExactly(audience);
    assertThat(issued.json()).contains("\"token_type\":\"Bearer\"", "\"expires_in\":3600");
    assertThat(issued.toString()).doesNotContain(issued.token());
  }

  @ParameterizedTest
  @CsvSource({
    "scope,https://graph.example.org/.default,400,invalid_scope",
    "scope,https://dynamicsessions.io.example.org/.default,400,invalid_scope",
    "scope,.default,400,invalid_scope",
    "scope,https://dynamicsessions.io/.default https://management.azure.com/.default,400,invalid_scope",
    "scope,openid,400,invalid_scope",
    "scope,'',400,invalid_scope",
    "resource,https://graph.example.org,400,invalid_resource",
    "grant_type,password,400,unsupported_grant_type",
    "grant_type,'',400,invalid_request",
    "client_id,someone,401,invalid_client",
    "client_id,'',401,invalid_client",
    "client_secret,wrong,401,invalid_client",
    "client_secret,'',401,invalid_client",
  })
  void whatIsWrongIsSaidInOAuthsWords(String field, String value, int status, String error) {
    Map<String, String> fields = new HashMap<>();
    if (!field.equals("resource")) {
      fields.put("scope", SCOPE);
    }
    fields.put(field, value);
    refused(identity.ask(fields), status, error);
  }

  @Test
  void scopeAndResourceTogetherAreRefused() {
    refused(
        identity.ask(Map.of("scope", SCOPE, "resource", Plane.DATA.audience())),
        400,
        "invalid_scope");
  }

  @Test
  void aFieldThatIsThereTwiceIsRefused() {
    var form =
        Map.of(
            "grant_type", List.of("client_credentials"),
            "client_id", List.of(identity.credentials.clientId(), "someone"),
            "client_secret", List.of(identity.credentials.clientSecret()),
            "scope", List.of(SCOPE));
    refused(ask(identity.principals.tenant(), form, Optional.empty()), 400, "invalid_request");
  }

  @Test
  void anotherTenantIsRefused() {
    refused(ask("common", Map.of(), Optional.empty()), 400, "invalid_request");
  }

  @Test
  void aClientMayNameItselfByHttpBasic() {
    String secret = identity.credentials.clientSecret();
    assertThat(basic(identity.credentials.clientId() + ":" + encode(secret), Map.of()))
        .isInstanceOf(TokenResponse.Issued.class);
    refused(basic(identity.credentials.clientId() + ":wrong", Map.of()), 401, "invalid_client");
    refused(basic("nothing", Map.of()), 401, "invalid_client");
    refused(basic("a:%zz", Map.of()), 401, "invalid_client");
    refused(
        basic(
            identity.credentials.clientId() + ":" + secret,
            Map.of("client_secret", List.of(secret))),
        400,
        "invalid_request");
  }

  @Test
  void onlyThePublicHalfOfTheKeyIsShown() throws Exception {
    var keys = JWKSet.parse(identity.authority.keys()).getKeys();
    assertThat(keys).singleElement().isInstanceOf(ECKey.class);
    assertThat(keys.getFirst().isPrivate()).isFalse();
    assertThat(keys.getFirst().getKeyID())
        .isEqualTo(SignedJWT.parse(identity.token(Plane.DATA)).getHeader().getKeyID());
    assertThat(identity.authority.keys()).doesNotContain("\"d\"");
  }

  @Test
  void theDiscoveryDocumentLeadsToTheEndpoints() {
    String base = "https://sandpool.example.org/" + identity.principals.tenant();
    var document = Json.MAPPER.readTree(identity.authority.discovery());
    assertThat(document.get("issuer").asString()).isEqualTo(base + "/v2.0");
    assertThat(document.get("token_endpoint").asString()).isEqualTo(base + "/oauth2/v2.0/token");
    assertThat(document.get("jwks_uri").asString()).isEqualTo(base + "/discovery/v2.0/keys");
  }

  private TokenResponse basic(String pair, Map<String, List<String>> fields) {
    Map<String, List<String>> form = new HashMap<>(fields);
    form.put("grant_type", List.of("client_credentials"));
    form.put("scope", List.of(SCOPE));
    String header =
        "basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    return ask(identity.principals.tenant(), form, Optional.of(header));
  }

  private TokenResponse ask(
      String tenant, Map<String, List<String>> form, Optional<String> authorization) {
    return identity.authority.token(new TokenRequest(tenant, form, authorization));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static void refused(TokenResponse response, int status, String error) {
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.json()).startsWith("{\"error\":\"" + error + "\",\"error_description\":\"");
  }
}
