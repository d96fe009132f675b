package dev.sandpool.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who signs with the key of a principal is that principal, and nobody else is. */
@SuppressWarnings("NullAway.Init") // the fields are set before each test
class ClientAssertionsTest {
  private static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

  @TempDir private Path directory;
  private TestIdentity identity;
  private RSAKey key;
  private String client;

  @BeforeEach
  void register() throws Exception {
    identity = new TestIdentity(directory, false);
    key = new RSAKeyGenerator(2048).generate();
    client = principal(key.toRSAPublicKey());
  }

  private String principal(PublicKey publicKey) throws Exception {
    var keys = new ClientKeys(publicKey, TestIdentity.START.plus(Duration.ofDays(3650)));
    return identity.principals.create("app", keys, Duration.ofDays(365)).principal().clientId();
  }

  private JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer(client)
        .subject(client)
        .audience(identity.issuer.tokenEndpoint())
        .jwtID("1")
        .notBeforeTime(Date.from(TestIdentity.START))
        .expirationTime(Date.from(TestIdentity.START.plusSeconds(600)));
  }

  private static String sign(JWSAlgorithm algorithm, JWSSigner signer, JWTClaimsSet claims) {
    try {
      var jwt =
          new SignedJWT(new JWSHeader.Builder(algorithm).type(JOSEObjectType.JWT).build(), claims);
      jwt.sign(signer);
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  private String signed(JWSAlgorithm algorithm, UnaryOperator<JWTClaimsSet.Builder> change)
      throws Exception {
    return sign(algorithm, new RSASSASigner(key), change.apply(claims()).build());
  }

  private TokenResponse ask(String assertion, Map<String, String> more) {
    var form = new java.util.HashMap<String, List<String>>();
    form.put("grant_type", List.of("client_credentials"));
    form.put("scope", List.of("https://dynamicsessions.io/.default"));
    form.put("client_assertion_type", List.of(TYPE));
    form.put("client_assertion", List.of(assertion));
    more.forEach((name, value) -> form.put(name, List.of(value)));
    return identity.authority.token(
        new TokenRequest(identity.principals.tenant(), form, java.util.Optional.empty()));
  }

  private void refused(String assertion) {
    assertThat(ask(assertion, Map.of("client_id", client)))
        .isInstanceOfSatisfying(
            TokenResponse.Refused.class, it -> assertThat(it.error()).isEqualTo("invalid_client"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "PS256"})
  void whatThePrincipalSignedIsGood(String algorithm) throws Exception {
    for (Map<String, String> more :
        List.of(Map.<String, String>of(), Map.of("client_id", client))) {
      String assertion =
          signed(JWSAlgorithm.parse(algorithm), it -> it.jwtID("with " + more.size()));
      assertThat(ask(assertion, more))
          .isInstanceOfSatisfying(
              TokenResponse.Issued.class,
              it ->
                  assertThat(identity.verifier.verify(it.token(), Plane.DATA))
                      .isInstanceOfSatisfying(
                          Verdict.Accepted.class,
                          accepted -> {
                            assertThat(accepted.principal().clientId()).isEqualTo(client);
                            assertThat(accepted.principal().administrator()).isFalse();
                          }));
    }
  }

  @Test
  void whatWasUsedIsNotGoodAgain_howeverItIsSignedAnew() throws Exception {
    String assertion = signed(JWSAlgorithm.RS256, it -> it);
    assertThat(ask(assertion, Map.of())).isInstanceOf(TokenResponse.Issued.class);

    refused(assertion);
    refused(signed(JWSAlgorithm.PS256, it -> it));
    refused(signed(JWSAlgorithm.RS256, it -> it.claim("more", "x")));
    assertThat(ask(signed(JWSAlgorithm.RS256, it -> it.jwtID("2")), Map.of()))
        .isInstanceOf(TokenResponse.Issued.class);
  }

  @Test
  void whatWasUsedIsNotGoodAfterARestart() throws Exception {
    String assertion = signed(JWSAlgorithm.RS256, it -> it.jwtID("with spaces\nand lines"));
    assertThat(ask(assertion, Map.of())).isInstanceOf(TokenResponse.Issued.class);

    identity = new TestIdentity(directory, false);

    refused(assertion);
    assertThat(ask(signed(JWSAlgorithm.RS256, it -> it.jwtID("2")), Map.of()))
        .isInstanceOf(TokenResponse.Issued.class);
  }

  @Test
  void theFileOfUsedOnesForgetsWhatHasExpired_andStandsHalfALine() throws Exception {
    Path file = directory.resolve("file");
    Instant start = TestIdentity.START;
    Instant end = start.plusSeconds(600);
    UsedAssertions used = UsedAssertions.open(file, 100, start);
    assertThat(used.use("client", "short", start.plusSeconds(1), start)).isTrue();
    assertThat(used.use("client", "long", end, start)).isTrue();
    byte[] half = "2026-01-01T0\u00ff".getBytes(StandardCharsets.ISO_8859_1);
    Files.write(file, half, StandardOpenOption.APPEND);
    assertThat(used.use("client", "behind-half-a-line", end, start)).isTrue();

    UsedAssertions again = UsedAssertions.open(file, 100, start.plusSeconds(2));

    assertThat(again.use("client", "long", end, start.plusSeconds(2))).isFalse();
    assertThat(again.use("client", "behind-half-a-line", end, start.plusSeconds(2))).isFalse();
    assertThat(again.use("client", "new", end, start.plusSeconds(2))).isTrue();
    assertThat(Files.readString(file)).contains(" long end\n").doesNotContain("short");
  }

  @Test
  void withoutAnIdItIsKnownByWhatWasSigned() throws Exception {
    assertThat(ask(signed(JWSAlgorithm.PS256, it -> it.jwtID(null)), Map.of()))
        .isInstanceOf(TokenResponse.Issued.class);
    // Another signature of the same: PS256 is salted.
    refused(signed(JWSAlgorithm.PS256, it -> it.jwtID(null)));
    assertThat(ask(signed(JWSAlgorithm.PS256, it -> it.jwtID(null).claim("x", 1)), Map.of()))
        .isInstanceOf(TokenResponse.Issued.class);
  }

  @Test
  void theMemoryOfUsedOnesIsBoundedForEachClient() {
    var used = new UsedAssertions(3);
    Instant start = TestIdentity.START;
    Instant end = start.plusSeconds(600);
    for (String id : List.of("1", "2", "3")) {
      assertThat(used.use("greedy", id, end, start)).isTrue();
    }
    assertThat(used.use("greedy", "4", end, start)).isFalse();
    assertThat(used.use("another", "1", end, start)).isTrue();
    assertThat(used.use("greedy", "4", end.plusSeconds(600), end)).isTrue();
    assertThat(used.size()).isLessThanOrEqualTo(2);
  }

  @Test
  void anEllipticKeyIsGoodToo() throws Exception {
    var elliptic = new ECKeyGenerator(Curve.P_256).generate();
    client = principal(elliptic.toECPublicKey());

    assertThat(ask(sign(JWSAlgorithm.ES256, new ECDSASigner(elliptic), claims().build()), Map.of()))
        .isInstanceOf(TokenResponse.Issued.class);
  }

  @Test
  void anotherKeyIsNotGood() throws Exception {
    var other = new RSAKeyGenerator(2048).generate();

    refused(sign(JWSAlgorithm.RS256, new RSASSASigner(other), claims().build()));
  }

  @Test
  void theKeyOfAnotherPrincipalIsNotGood() throws Exception {
    var other = new RSAKeyGenerator(2048).generate();
    principal(other.toRSAPublicKey());

    refused(sign(JWSAlgorithm.RS256, new RSASSASigner(other), claims().build()));
  }

  @Test
  void neitherNoSignatureNorThePublicKeyAsASharedSecretIsGood() throws Exception {
    refused(new PlainJWT(claims().build()).serialize());
    refused(
        sign(
            JWSAlgorithm.HS256,
            new MACSigner(key.toRSAPublicKey().getEncoded()),
            claims().build()));
  }

  @Test
  void itMustBeForThisAuthorityAndForNow() throws Exception {
    Instant start = TestIdentity.START;
    refused(signed(JWSAlgorithm.RS256, it -> it.audience("https://other.example/token")));
    refused(
        signed(
            JWSAlgorithm.RS256,
            it -> it.audience(List.of(identity.issuer.tokenEndpoint(), "https://other"))));
    refused(signed(JWSAlgorithm.RS256, it -> it.expirationTime(Date.from(start.minusSeconds(61)))));
    refused(signed(JWSAlgorithm.RS256, it -> it.expirationTime(null)));
    refused(
        signed(
            JWSAlgorithm.RS256,
            it -> it.expirationTime(Date.from(start.plus(Duration.ofDays(2))))));
    refused(signed(JWSAlgorithm.RS256, it -> it.notBeforeTime(Date.from(start.plusSeconds(61)))));
  }

  @Test
  void issuerSubjectAndClientAreOne() throws Exception {
    String administrator = identity.credentials.clientId();
    refused(signed(JWSAlgorithm.RS256, it -> it.subject(administrator)));
    refused(signed(JWSAlgorithm.RS256, it -> it.issuer(administrator)));
    refused(signed(JWSAlgorithm.RS256, it -> it.issuer(administrator).subject(administrator)));
    assertThat(ask(signed(JWSAlgorithm.RS256, it -> it), Map.of("client_id", administrator)))
        .isInstanceOf(TokenResponse.Refused.class);
  }

  @Test
  void anExpiredOrRemovedCertificateIsNotGood() throws Exception {
    String assertion = signed(JWSAlgorithm.RS256, it -> it);
    String keyId = identity.principals.find(client).orElseThrow().credentials().getFirst().keyId();
    assertThat(identity.principals.removeCredential(client, keyId)).isTrue();
    refused(assertion);
  }

  @Test
  void secretAndAssertionTogetherAreRefused() throws Exception {
    assertThat(ask(signed(JWSAlgorithm.RS256, it -> it), Map.of("client_secret", "x")))
        .isInstanceOfSatisfying(
            TokenResponse.Refused.class, it -> assertThat(it.error()).isEqualTo("invalid_request"));
  }

  @Test
  void garbageIsRefused() {
    for (String garbage : List.of("x", "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.")) {
      refused(garbage);
    }
  }
}
