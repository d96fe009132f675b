package dev.sandpool.server.identity;

import static dev.sandpool.server.identity.TestIdentity.LIFETIME;
import static dev.sandpool.server.identity.TestIdentity.SKEW;
import static dev.sandpool.server.identity.TestIdentity.START;
import static dev.sandpool.server.identity.TestIdentity.sign;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.sandpool.server.identity.Verdict.Reason;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every known way to get in with a token that the authority did not give for this door. */
@SuppressWarnings("NullAway.Init") // the fields are set before each test
class TokenAttacksTest {
  @TempDir Path directory;
  private TestIdentity identity;

  @BeforeEach
  void open() throws IOException {
    identity = new TestIdentity(directory, false);
  }

  @ParameterizedTest
  @EnumSource
  void theAuthoritysTokenOpensItsPlaneAndNotTheOther(Plane plane) {
    Plane other = plane == Plane.DATA ? Plane.MANAGEMENT : Plane.DATA;
    String token = identity.token(plane);
    refused(token, other, Reason.AUDIENCE);
    assertThat(identity.verifier.verify(token, plane))
        .isInstanceOfSatisfying(
            Verdict.Accepted.class,
            accepted -> {
              assertThat(accepted.principal().administrator()).isTrue();
              assertThat(accepted.until()).isEqualTo(START.plus(LIFETIME).plus(SKEW));
            });
    refused(token, other, Reason.AUDIENCE);
    assertThat(identity.verifier.known(token, other, START)).isEmpty();
  }

  @Test
  void theTestsOwnClaimsAreGoodBeforeTheyAreSpoilt() {
    assertThat(verify(sign(identity.key, identity.header(), identity.claims())))
        .isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void aForeignKeyUnderOurKeysIdIsRefused() {
    String token =
        sign(SigningKey.generate(TestIdentity.START), identity.header(), identity.claims());
    refused(token, Reason.SIGNATURE);
  }

  @Test
  void anUnknownOrMissingKeyIdIsRefused() {
    refused(sign(identity.key, identity.header().keyID("x"), identity.claims()), Reason.SIGNATURE);
    refused(sign(identity.key, identity.header().keyID(null), identity.claims()), Reason.SIGNATURE);
  }

  @Test
  void aKeyInOrBehindTheHeaderIsNotUsed() throws Exception {
    SigningKey foreign = SigningKey.generate(TestIdentity.START);
    var jwk = (ECKey) foreign.jwk().toPublicJWK();
    refused(sign(foreign, identity.header().jwk(jwk), identity.claims()), Reason.SIGNATURE);
    refused(
        sign(foreign, identity.header().jwk(jwk).keyID(foreign.id()), identity.claims()),
        Reason.SIGNATURE);
    URI elsewhere = URI.create("http://127.0.0.1:1/keys");
    refused(
        sign(foreign, identity.header().jwkURL(elsewhere), identity.claims()), Reason.SIGNATURE);
    refused(
        sign(foreign, identity.header().x509CertURL(elsewhere), identity.claims()),
        Reason.SIGNATURE);
  }

  @Test
  void noAlgorithmIsRefused() {
    refused(new PlainJWT(identity.claims().build()).serialize(), Reason.MALFORMED);
    for (String none : List.of("none", "None", "NONE", "")) {
      String header = "{\"alg\":\"" + none + "\",\"typ\":\"JWT\",\"kid\":\"" + identity.key.id();
      String forged = withHeader(identity.token(Plane.DATA), header + "\"}");
      assertThat(verify(forged)).isInstanceOf(Verdict.Refused.class);
      assertThat(verify(forged.substring(0, forged.lastIndexOf('.') + 1)))
          .isInstanceOf(Verdict.Refused.class);
    }
  }

  @Test
  void ourPublicKeyIsNoSharedSecret() throws Exception {
    var header = new JWSHeader.Builder(JWSAlgorithm.HS256).type(JOSEObjectType.JWT);
    var key = (ECKey) JWKSet.parse(identity.authority.keys()).getKeys().getFirst();
    for (byte[] secret :
        List.of(
            identity.authority.keys().getBytes(StandardCharsets.UTF_8),
            key.toPublicKey().getEncoded())) {
      var forged =
          new SignedJWT(header.keyID(identity.key.id()).build(), identity.claims().build());
      forged.sign(new MACSigner(secret));
      refused(forged.serialize(), Reason.ALGORITHM);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "ES384", "ES512", "EdDSA", "PS256", "HS512", "es256"})
  void theHeaderDoesNotChooseTheAlgorithm(String algorithm) {
    String header =
        "{\"alg\":\"" + algorithm + "\",\"typ\":\"JWT\",\"kid\":\"" + identity.key.id() + "\"}";
    refused(withHeader(identity.token(Plane.DATA), header), Reason.ALGORITHM);
  }

  @Test
  void aChangedByteIsNoticedWhereverItIs() {
    String token = identity.token(Plane.DATA);
    String[] parts = token.split("\\.");
    String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
    String other = claims.replace(Plane.DATA.audience(), Plane.MANAGEMENT.audience());
    assertThat(other).isNotEqualTo(claims);
    String forged = parts[0] + "." + encode(other) + "." + parts[2];
    refused(forged, Plane.MANAGEMENT, Reason.SIGNATURE);
    for (int i = 0; i < token.length() - 1; i += 7) {
      char changed = token.charAt(i) == 'A' ? 'B' : 'A';
      assertThat(verify(token.substring(0, i) + changed + token.substring(i + 1)))
          .as("changed at %d", i)
          .isInstanceOf(Verdict.Refused.class);
    }
  }

  @Test
  void signaturesOfZerosOrNothingAreRefused() {
    String token = identity.token(Plane.DATA);
    String unsigned = token.substring(0, token.lastIndexOf('.') + 1);
    String zeros = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[64]);
    refused(unsigned + zeros, Reason.SIGNATURE);
    assertThat(verify(unsigned)).isInstanceOf(Verdict.Refused.class);
    assertThat(verify(unsigned + "AAAA")).isInstanceOf(Verdict.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a.b.c", "Bearer x", "sandpool-dev-token", "{}", "é.é.é"})
  void whatIsNoTokenIsRefusedWithoutAnException(String text) {
    refused(text, Reason.MALFORMED);
  }

  @Test
  void anOversizedTokenIsRefusedBeforeItIsRead() {
    String token =
        sign(identity.key, identity.header(), identity.claims().claim("x", "y".repeat(16384)));
    refused(token, Reason.OVERSIZED);
  }

  @Test
  void anExpiredTokenIsRefusedAfterTheSkewAndNotBefore() {
    String token = identity.token(Plane.DATA);
    identity.at(START.plus(LIFETIME).plus(SKEW).minusMillis(1));
    assertThat(verify(token)).isInstanceOf(Verdict.Accepted.class);
    identity.at(START.plus(LIFETIME).plus(SKEW));
    refused(token, Reason.EXPIRED);
    assertThat(identity.verifier.known(token, Plane.DATA, identity.instant())).isEmpty();
  }

  @Test
  void aTokenFromTheFutureIsRefusedBeyondTheSkew() {
    Date early = Date.from(START.plus(SKEW).plus(Duration.ofSeconds(1)));
    refused(
        sign(identity.key, identity.header(), identity.claims().notBeforeTime(early)),
        Reason.NOT_YET_VALID);
    Date within = Date.from(START.plus(SKEW));
    assertThat(
            verify(sign(identity.key, identity.header(), identity.claims().notBeforeTime(within))))
        .isInstanceOf(Verdict.Accepted.class);
  }

  @Test
  void claimsOfOthersAreRefusedEvenUnderOurSignature() {
    refused(
        sign(identity.key, identity.header(), identity.claims().issuer("https://other/v2.0")),
        Reason.ISSUER);
    refused(
        sign(identity.key, identity.header(), identity.claims().claim("appid", "someone")),
        Reason.PRINCIPAL);
    refused(
        sign(identity.key, identity.header(), identity.claims().audience("https://example.org")),
        Reason.AUDIENCE);
  }

  @Test
  void aTokenForBothPlanesOpensNeither() {
    var both =
        identity.claims().audience(List.of(Plane.DATA.audience(), Plane.MANAGEMENT.audience()));
    String token = sign(identity.key, identity.header(), both);
    refused(token, Plane.DATA, Reason.AUDIENCE);
    refused(token, Plane.MANAGEMENT, Reason.AUDIENCE);
  }

  @Test
  void claimsThatAreMissingAreNotTakenAsGranted() {
    refused(
        sign(identity.key, identity.header(), identity.claims().expirationTime(null)),
        Reason.MALFORMED);
    refused(
        sign(identity.key, identity.header(), identity.claims().notBeforeTime(null)),
        Reason.MALFORMED);
    refused(
        sign(identity.key, identity.header(), identity.claims().claim("appid", null)),
        Reason.MALFORMED);
    refused(sign(identity.key, identity.header(), identity.claims().issuer(null)), Reason.ISSUER);
    refused(
        sign(identity.key, identity.header(), identity.claims().audience((String) null)),
        Reason.AUDIENCE);
  }

  @Test
  void otherKindsOfSignedThingsAreNoTokens() {
    refused(
        sign(
            identity.key,
            identity.header().type(new JOSEObjectType("logout+jwt")),
            identity.claims()),
        Reason.MALFORMED);
    refused(
        sign(
            identity.key,
            identity.header().criticalParams(Set.of("exp")).customParam("exp", 1),
            identity.claims()),
        Reason.SIGNATURE);
  }

  @Test
  void anAudienceIsTheSameWithAndWithoutASlash() {
    assertThat(
            verify(
                sign(
                    identity.key,
                    identity.header(),
                    identity.claims().audience("https://dynamicsessions.io/"))))
        .isInstanceOf(Verdict.Accepted.class);
    assertThat(Plane.ofAudience("https://management.azure.com")).contains(Plane.MANAGEMENT);
    assertThat(Plane.ofAudience("https://management.core.windows.net/")).contains(Plane.MANAGEMENT);
    assertThat(Plane.ofAudience("https://management.azure.com//")).isEmpty();
    assertThat(Plane.ofAudience("https://dynamicsessions.io.example.org")).isEmpty();
  }

  @Test
  void theDevelopmentTokenOpensNothingOutsideDevelopment() throws IOException {
    String token = TokenVerifier.DEVELOPMENT_TOKEN;
    TestIdentity development =
        new TestIdentity(Files.createDirectory(directory.resolve("dev")), true);
    for (Plane plane : Plane.values()) {
      refused(token, plane, Reason.MALFORMED);
      assertThat(identity.verifier.known(token, plane, START)).isEmpty();
      assertThat(development.verifier.verify(token, plane))
          .isInstanceOfSatisfying(
              Verdict.Accepted.class,
              accepted -> assertThat(accepted.principal().administrator()).isTrue());
    }
  }

  private static String withHeader(String token, String header) {
    return encode(header) + token.substring(token.indexOf('.'));
  }

  private static String encode(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private Verdict verify(String token) {
    return identity.verifier.verify(token, Plane.DATA);
  }

  private void refused(String token, Reason reason) {
    refused(token, Plane.DATA, reason);
  }

  private void refused(String token, Plane plane, Reason reason) {
    assertThat(identity.verifier.verify(token, plane))
        .isInstanceOfSatisfying(
            Verdict.Refused.class, refused -> assertThat(refused.reason()).isEqualTo(reason));
  }
}
