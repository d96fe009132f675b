package dev.sandpool.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sandpool.server.role.Caller;
import dev.sandpool.server.role.Rights;
import dev.sandpool.server.role.Scope;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The token server of container registries (distribution's {@code auth: token}): who may log in
 * here gets a token for the registry with what roles allow of what was asked. Knows nothing of
 * HTTP.
 *
 * <p>A <em>refresh token</em> stands for a login at one registry. It has a type of its own, so that
 * it opens nothing else, and no other token, whatever audience somebody chose for it, is one.
 */
public final class RegistryTokens {
  /** The user's name that goes with a refresh token as password. */
  public static final String NOBODY = "00000000-0000-0000-0000-000000000000";

  /** Short, because a registry does not ask again whether roles still allow it. */
  static final Duration LIFETIME = Duration.ofMinutes(5);

  private static final JOSEObjectType REFRESH = new JOSEObjectType("registry-refresh+jwt");
  private static final int MAXIMUM_LENGTH = 16 * 1024;
  private static final String MANAGED = "managed";

  private final Issuer issuer;
  private final SigningKeys keys;
  private final Principals principals;
  private final TokenRules rules;
  private final RegistrySigner signer;
  private final Map<String, Scope> registries;
  private final InstantSource clock;

  /**
   * How somebody stands now, whatever a refresh token says of then. May block.
   *
   * @param rights what they may do
   * @param lives whether there still is an identity of pools with that object id
   */
  public record Standing(Function<Caller, Rights> rights, Predicate<String> lives) {}

  /** The parts of identity that it needs. */
  record Parts(Issuer issuer, SigningKeys keys, Principals principals, TokenRules rules) {}

  /**
   * @param registries by the name that they have for themselves ({@code service}), where roles for
   *     them are given
   */
  RegistryTokens(
      Parts parts, RegistrySigner signer, Map<String, Scope> registries, InstantSource clock) {
    this.issuer = parts.issuer();
    this.keys = parts.keys();
    this.principals = parts.principals();
    this.rules = parts.rules();
    this.signer = signer;
    this.registries = Map.copyOf(registries);
    this.clock = clock;
  }

  /** Where registries must send their clients for tokens. */
  public URI realm() {
    return URI.create(issuer.authority() + "/registry/token");
  }

  /** What registries must trust: a certificate as text. Blocks. */
  String root() {
    return signer.root();
  }

  /** Whether that is the tenant of the authority. */
  boolean knows(String tenant) {
    return tenant.equalsIgnoreCase(issuer.tenant());
  }

  /** Whether it gives tokens for that registry. */
  public boolean serves(String service) {
    return registries.containsKey(service);
  }

  /**
   * Answers a client of a registry.
   *
   * @param post whether the fields are a form (OAuth 2), else they are of a query, and the login is
   *     in the header alone
   */
  TokenResponse token(TokenRequest request, boolean post, Standing standing) {
    try {
      if (!knows(request.tenant())) {
        return TokenResponse.Refused.invalidRequest("there is no such tenant");
      }
      var form = new OAuthForm(request);
      String service =
          form.field("service")
              .orElseThrow(
                  () ->
                      new OAuthForm.Wrong(
                          TokenResponse.Refused.invalidRequest("'service' is missing")));
      Scope place = registries.get(service);
      if (place == null) {
        return TokenResponse.Refused.invalidRequest(
            "there is no registry of that name among identity.registries");
      }
      List<RegistryScope> asked =
          RegistryScope.parse(request.form().getOrDefault("scope", List.of()));
      Login login = login(form, post, service);
      if (login.managed() && !standing.lives().test(login.principal().objectId())) {
        throw refused("the identity that the refresh token was made for is gone");
      }
      Rights may = standing.rights().apply(login.principal().caller());
      List<RegistryScope> granted = granted(asked, may, place);
      boolean stay =
          form.field("offline_token").filter("true"::equals).isPresent()
              || form.field("access_type").filter("offline"::equals).isPresent();
      return new TokenResponse.ForRegistry(
          login.principal().clientId(),
          access(login.principal(), service, granted),
          stay ? refresh(login, service) : null,
          granted.stream().map(RegistryScope::toString).toList(),
          clock.instant(),
          LIFETIME);
    } catch (OAuthForm.Wrong e) {
      return e.refusal();
    }
  }

  private static List<RegistryScope> granted(
      List<RegistryScope> asked, Rights rights, Scope place) {
    List<RegistryScope> granted = new ArrayList<>();
    for (RegistryScope one : asked) {
      List<String> actions =
          one.actions().stream()
              .filter(
                  action ->
                      one.right(action).filter(right -> rights.allow(right, place)).isPresent())
              .toList();
      if (!actions.isEmpty()) {
        granted.add(new RegistryScope(one.type(), one.name(), actions));
      }
    }
    return granted;
  }

  // --- logging in ------------------------------------------------------------------------------

  /**
   * Somebody who has shown who it is.
   *
   * @param managed whether it is an identity of pools, which has no secret
   */
  private record Login(Principal principal, boolean managed) {}

  private Login login(OAuthForm form, boolean post, String service) throws OAuthForm.Wrong {
    if (!post) {
      return password(form.basic(), service);
    }
    String grant = form.field("grant_type").orElse("");
    return switch (grant) {
      case "password" ->
          password(
              new OAuthForm.Client(
                  form.field("username").orElse(""), form.field("password").orElse("")),
              service);
      case "refresh_token" -> refreshed(form.field("refresh_token").orElse(""), service);
      default ->
          throw new OAuthForm.Wrong(
              new TokenResponse.Refused(
                  400,
                  "unsupported_grant_type",
                  "'grant_type' must be 'password' or 'refresh_token'"));
    };
  }

  private Login password(OAuthForm.Client client, String service) throws OAuthForm.Wrong {
    if (client.id().equals(NOBODY)) {
      return refreshed(client.secret(), service);
    }
    return principals
        .authenticate(client.id(), client.secret())
        .map(principal -> new Login(principal, false))
        .orElseThrow(() -> refused("client id or client secret is wrong"));
  }

  private Login refreshed(String token, String service) throws OAuthForm.Wrong {
    try {
      if (token.length() <= MAXIMUM_LENGTH) {
        SignedJWT jwt = SignedJWT.parse(token);
        if (isOurs(jwt.getHeader(), jwt) && holds(jwt.getJWTClaimsSet(), service)) {
          Optional<Login> login = of(jwt.getJWTClaimsSet());
          if (login.isPresent()) {
            return login.get();
          }
        }
      }
    } catch (ParseException | IllegalArgumentException | JOSEException _) {
      // Refused below; the cause would quote the token.
    }
    throw refused("the refresh token is not one of this authority for this registry");
  }

  private boolean isOurs(JWSHeader header, SignedJWT jwt) throws JOSEException {
    Optional<SigningKey> key = keys.find(header.getKeyID());
    return JWSAlgorithm.ES256.equals(header.getAlgorithm())
        && REFRESH.equals(header.getType())
        && key.isPresent()
        && jwt.verify(key.get().verifier());
  }

  private boolean holds(JWTClaimsSet claims, String service) {
    @Nullable Date expiry = claims.getExpirationTime();
    return issuer.name().equals(claims.getIssuer())
        && claims.getAudience().equals(List.of(service))
        && expiry != null
        && clock.instant().isBefore(expiry.toInstant().plus(rules.skew()));
  }

  private Optional<Login> of(JWTClaimsSet claims) throws ParseException {
    @Nullable String clientId = claims.getStringClaim("appid");
    @Nullable String objectId = claims.getSubject();
    if (clientId == null || objectId == null) {
      return Optional.empty();
    }
    return Boolean.TRUE.equals(claims.getBooleanClaim(MANAGED))
        ? Optional.of(new Login(managed(objectId, clientId), true))
        : principals.byClientId(clientId).map(principal -> new Login(principal, false));
  }

  private Principal managed(String objectId, String clientId) {
    return new Principal(issuer.tenant(), objectId, clientId, false);
  }

  private static OAuthForm.Wrong refused(String description) {
    return new OAuthForm.Wrong(TokenResponse.Refused.invalidClient(description));
  }

  // --- issuing ---------------------------------------------------------------------------------

  /**
   * What stands for the login of a pool's identity at that registry, as password of {@link
   * #NOBODY}.
   */
  public String refreshToken(String objectId, String clientId, String service) {
    return refresh(new Login(managed(objectId, clientId), true), service);
  }

  private String refresh(Login login, String service) {
    SigningKey key = keys.current();
    JWTClaimsSet claims =
        claims(login.principal(), service, rules.lifetime())
            .claim("appid", login.principal().clientId())
            .claim(MANAGED, login.managed())
            .build();
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.ES256).type(REFRESH).keyID(key.id()).build();
    try {
      SignedJWT token = new SignedJWT(header, claims);
      token.sign(key.signer());
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException("ES256 is missing from this JDK", e);
    }
  }

  private String access(Principal principal, String service, List<RegistryScope> granted) {
    List<Map<String, Object>> access = new ArrayList<>();
    for (RegistryScope one : granted) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("type", one.type());
      entry.put("name", one.name());
      entry.put("actions", one.actions());
      access.add(entry);
    }
    return signer.sign(claims(principal, service, LIFETIME).claim("access", access).build());
  }

  private JWTClaimsSet.Builder claims(Principal principal, String service, Duration lifetime) {
    Instant now = clock.instant();
    return new JWTClaimsSet.Builder()
        .issuer(issuer.name())
        .audience(service)
        .subject(principal.objectId())
        .issueTime(Date.from(now))
        .notBeforeTime(Date.from(now))
        .expirationTime(Date.from(now.plus(lifetime)))
        .jwtID(UUID.randomUUID().toString());
  }
}
