package dev.sandpool.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sandpool.server.config.IssuerSettings;
import dev.sandpool.server.role.Scope;
import dev.sandpool.server.secret.DataKey;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The parts of identity with a clock that tests move. */
final class TestIdentity implements InstantSource {
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  static final Duration LIFETIME = Duration.ofHours(1);
  static final Duration KEY_AGE = Duration.ofDays(90);
  static final Duration SKEW = Duration.ofSeconds(60);

  final SigningKey key = SigningKey.generate(START);
  final Principals principals;
  final Principals.Credentials credentials;
  final Issuer issuer;
  final Authority authority;
  final TokenVerifier verifier;
  private final RegistryTokens.Parts parts;
  private Instant now = START;

  TestIdentity(Path directory, boolean dev) throws IOException {
    this(directory, dev, List.of());
  }

  /** One that accepts the tokens of others as well. */
  TestIdentity(Path directory, boolean dev, List<IssuerSettings> issuers) throws IOException {
    Files.createDirectories(directory);
    var kept = new Principals.Credentials[1];
    principals =
        Principals.loadOrCreate(
            directory.resolve("principals.json"),
            DataKey.of(new byte[32]),
            this,
            credentials -> kept[0] = credentials);
    credentials = kept[0];
    issuer = new Issuer(principals.tenant(), () -> URI.create("https://sandpool.example.org"));
    TokenRules rules = new TokenRules(LIFETIME, KEY_AGE, SKEW, issuers, dev);
    SigningKeys keys = SigningKeys.of(key, KEY_AGE, this);
    var used =
        UsedAssertions.open(directory.resolve("used"), ClientAssertions.MOST_IN_USE, instant());
    authority = new Authority(issuer, keys, principals, rules, used, this);
    verifier = new TokenVerifier(issuer, keys, principals, rules, this);
    parts = new RegistryTokens.Parts(issuer, keys, principals, rules);
  }

  /** Lets into those registries. */
  RegistryTokens registryTokens(Path directory, DataKey key, Map<String, Scope> registries) {
    var signer = new RegistrySigner(directory.resolve("registry.key"), key, KEY_AGE, this);
    return new RegistryTokens(parts, signer, registries, this);
  }

  @Override
  public Instant instant() {
    return now;
  }

  void at(Instant instant) {
    now = instant;
  }

  /** A token as the authority issues it. */
  String token(Plane plane) {
    return switch (ask(Map.of("scope", plane.audience() + "/.default"))) {
      case TokenResponse.Issued issued -> issued.token();
      case TokenResponse.ForRegistry _, TokenResponse.Later _, TokenResponse.Refused _ ->
          throw new AssertionError();
    };
  }

  /** The answer to a good request with these fields in place of or beside the good ones. */
  TokenResponse ask(Map<String, String> fields) {
    var form = new java.util.HashMap<String, List<String>>();
    form.put("grant_type", List.of("client_credentials"));
    form.put("client_id", List.of(credentials.clientId()));
    form.put("client_secret", List.of(credentials.clientSecret()));
    fields.forEach((name, value) -> form.put(name, List.of(value)));
    return authority.token(new TokenRequest(principals.tenant(), form, Optional.empty()));
  }

  /** Good claims for the data plane, to be spoilt. */
  JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer(issuer.name())
        .audience(Plane.DATA.audience())
        .claim("appid", credentials.clientId())
        .notBeforeTime(Date.from(START))
        .expirationTime(Date.from(START.plus(LIFETIME)));
  }

  JWSHeader.Builder header() {
    return new JWSHeader.Builder(JWSAlgorithm.ES256).type(JOSEObjectType.JWT).keyID(key.id());
  }

  static String sign(SigningKey key, JWSHeader.Builder header, JWTClaimsSet.Builder claims) {
    try {
      SignedJWT jwt = new SignedJWT(header.build(), claims.build());
      jwt.sign(key.signer());
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }
}
