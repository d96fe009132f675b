package dev.sandpool.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sandpool.model.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The built-in issuer of tokens: client credentials (RFC 6749 section 4.4) for the audiences of the
 * two planes. Knows nothing of HTTP. Signing takes about a millisecond of processor time, so it
 * does not belong on an event loop.
 */
public final class Authority {
  private static final String DEFAULT = "/.default";
  private static final Set<String> SCOPES_WITHOUT_MEANING_HERE =
      Set.of("openid", "profile", "email", "offline_access");

  private final Issuer issuer;
  private final SigningKeys keys;
  private final Principals principals;
  private final TokenRules rules;
  private final InstantSource clock;
  private final ClientAssertions assertions;

  Authority(
      Issuer issuer,
      SigningKeys keys,
      Principals principals,
      TokenRules rules,
      UsedAssertions used,
      InstantSource clock) {
    this.issuer = issuer;
    this.keys = keys;
    this.assertions = new ClientAssertions(issuer, rules, used, clock);
    this.principals = principals;
    this.rules = rules;
    this.clock = clock;
  }

  /** Answers a request to the token endpoint. */
  public TokenResponse token(TokenRequest request) {
    try {
      if (!knows(request.tenant())) {
        return TokenResponse.Refused.invalidRequest("there is no such tenant");
      }
      return answer(new OAuthForm(request));
    } catch (OAuthForm.Wrong e) {
      return e.refusal();
    }
  }

  private TokenResponse answer(OAuthForm form) throws OAuthForm.Wrong {
    Optional<String> grant = form.field("grant_type");
    if (grant.isEmpty()) {
      return TokenResponse.Refused.invalidRequest("'grant_type' is missing");
    }
    if (!grant.get().equals("client_credentials")) {
      return new TokenResponse.Refused(
          400, "unsupported_grant_type", "only 'client_credentials' is supported");
    }
    Principal principal = client(form);
    return new TokenResponse.Issued(issue(principal, audience(form)), rules.lifetime());
  }

  private Principal client(OAuthForm form) throws OAuthForm.Wrong {
    Optional<OAuthForm.Assertion> assertion = form.assertion();
    if (assertion.isPresent()) {
      return assertions
          .subject(assertion.get(), principals)
          .orElseThrow(
              () ->
                  new OAuthForm.Wrong(TokenResponse.Refused.invalidClient(ClientAssertions.WRONG)));
    }
    OAuthForm.Client client = form.client();
    return principals
        .authenticate(client.id(), client.secret())
        .orElseThrow(
            () ->
                new OAuthForm.Wrong(
                    TokenResponse.Refused.invalidClient("client id or client secret is wrong")));
  }

  /** Whether that is the tenant of this authority, also by the names for any or the only one. */
  boolean knows(String tenant) {
    return tenant.equalsIgnoreCase(issuer.tenant())
        || tenant.equalsIgnoreCase("common")
        || tenant.equalsIgnoreCase("organizations");
  }

  /** What clients ask of an authority that they do not know: its names, here the one it has. */
  public String instances() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("tenant_discovery_endpoint", issuer.name() + "/.well-known/openid-configuration");
    document.put("api-version", "1.1");
    String host = issuer.host();
    document.put(
        "metadata",
        List.of(
            Map.of("preferred_network", host, "preferred_cache", host, "aliases", List.of(host))));
    return Json.MAPPER.writeValueAsString(document);
  }

  /** The public keys, a JWK set. */
  public String keys() {
    return keys.publicKeys();
  }

  /** The OpenID Connect discovery document. */
  public String discovery() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("issuer", issuer.name());
    // Required of the document even by clients that never go there; nothing answers at it.
    document.put("authorization_endpoint", issuer.authorizationEndpoint());
    document.put("token_endpoint", issuer.tokenEndpoint());
    document.put("jwks_uri", issuer.keys());
    document.put("grant_types_supported", List.of("client_credentials"));
    document.put("response_types_supported", List.of("token"));
    document.put("subject_types_supported", List.of("public"));
    document.put("id_token_signing_alg_values_supported", List.of("ES256"));
    document.put(
        "token_endpoint_auth_methods_supported",
        List.of("client_secret_post", "client_secret_basic", "private_key_jwt"));
    document.put(
        "token_endpoint_auth_signing_alg_values_supported", ClientAssertions.ALGORITHM_NAMES);
    document.put(
        "claims_supported", List.of("iss", "aud", "sub", "oid", "tid", "exp", "nbf", "iat"));
    return Json.MAPPER.writeValueAsString(document);
  }

  private static String audience(OAuthForm form) throws OAuthForm.Wrong {
    Optional<String> scope = form.field("scope");
    Optional<String> resource = form.field("resource");
    if (scope.isPresent() == resource.isPresent()) {
      throw refused("invalid_scope", "either 'scope' or 'resource' is needed");
    }
    String asked = scope.isPresent() ? fromScope(scope.get()) : resource.orElseThrow();
    return Plane.ofAudience(asked)
        .flatMap(plane -> plane.canonical(asked))
        .orElseThrow(
            () ->
                refused(
                    scope.isPresent() ? "invalid_scope" : "invalid_resource",
                    "unknown audience; known are "
                        + Plane.DATA.audience()
                        + " and "
                        + Plane.MANAGEMENT.audience()));
  }

  private static String fromScope(String scope) throws OAuthForm.Wrong {
    List<String> asked =
        Arrays.stream(scope.split(" "))
            .filter(one -> !one.isEmpty() && !SCOPES_WITHOUT_MEANING_HERE.contains(one))
            .toList();
    if (asked.size() != 1) {
      throw refused("invalid_scope", "exactly one AUDIENCE/.default is needed");
    }
    String one = asked.getFirst();
    // Some clients ask for the bare audience (contract, section on the data plane).
    return one.endsWith(DEFAULT) ? one.substring(0, one.length() - DEFAULT.length()) : one;
  }

  private static OAuthForm.Wrong refused(String error, String description) {
    return new OAuthForm.Wrong(new TokenResponse.Refused(400, error, description));
  }

  /** The only tenant, a GUID. */
  public String tenant() {
    return issuer.tenant();
  }

  /** How long its tokens are good. */
  public Duration lifetime() {
    return rules.lifetime();
  }

  /** A token of that principal for that audience, whoever asks. */
  public String issue(Principal principal, String audience) {
    Instant now = clock.instant();
    SigningKey key = keys.current();
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(issuer.name())
            .audience(audience)
            .subject(principal.objectId())
            .claim("oid", principal.objectId())
            .claim("tid", principal.tenant())
            .claim("appid", principal.clientId())
            .claim("azp", principal.clientId())
            .issueTime(Date.from(now))
            .notBeforeTime(Date.from(now))
            .expirationTime(Date.from(now.plus(rules.lifetime())))
            .jwtID(UUID.randomUUID().toString())
            .claim("ver", "2.0")
            .build();
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.ES256).type(JOSEObjectType.JWT).keyID(key.id()).build();
    try {
      SignedJWT token = new SignedJWT(header, claims);
      token.sign(key.signer());
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException("ES256 is missing from this JDK", e);
    }
  }
}
