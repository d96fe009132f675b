package dev.sandpool.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sandpool.server.config.IssuerSettings;
import dev.sandpool.server.identity.Verdict.Accepted;
import dev.sandpool.server.identity.Verdict.Reason;
import dev.sandpool.server.identity.Verdict.Refused;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of Entra's, Keycloak's and Kubernetes' shapes, and what is wrong with others. */
class ExternalIssuerTest {
  private static final String OID = "8a0f0000-0000-4000-8000-0000000000AB";
  private static final String GROUP = "8a0f0000-0000-4000-8000-0000000000cd";
  private static final String TENANT = "72f988bf-0000-0000-0000-2d7cd011db47";

  @TempDir private Path directory;

  @SuppressWarnings("NullAway.Init") // set before each test
  private TestIssuer issuer;

  @SuppressWarnings("NullAway.Init") // set before each test
  private TestIdentity identity;

  @BeforeEach
  void start() throws IOException {
    issuer = new TestIssuer();
    identity = new TestIdentity(directory, false, List.of(settings("sub", false, null)));
  }

  @AfterEach
  void stop() {
    issuer.close();
  }

  private IssuerSettings settings(String principal, boolean raw, @Nullable String tenant) {
    return new IssuerSettings(
        URI.create(issuer.name()),
        Optional.empty(),
        List.of("https://dynamicsessions.io", "sandpool"),
        List.of("sandpool-management"),
        List.of("RS256"),
        principal,
        "groups",
        Optional.ofNullable(tenant),
        raw);
  }

  private JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer(issuer.name())
        .subject("somebody")
        .audience("sandpool")
        .expirationTime(Date.from(TestIdentity.START.plus(Duration.ofMinutes(10))));
  }

  private String signed(JWTClaimsSet.Builder claims) {
    return TestIssuer.sign(issuer.key, JOSEObjectType.JWT, claims.build());
  }

  private Principal accepted(String token) {
    Verdict verdict = identity.verifier.verify(token, Plane.DATA);
    assertThat(verdict).isInstanceOf(Accepted.class);
    return ((Accepted) verdict).principal();
  }

  private Reason refused(String token) {
    Verdict verdict = identity.verifier.verify(token, Plane.DATA);
    assertThat(verdict).isInstanceOf(Refused.class);
    return ((Refused) verdict).reason();
  }

  @Test
  void entra_objectIdAndGroupsAsTheyAre() throws IOException {
    identity =
        new TestIdentity(directory.resolve("entra"), false, List.of(settings("oid", true, TENANT)));
    String token =
        signed(
            claims()
                .audience("https://dynamicsessions.io")
                .claim("oid", OID)
                .claim("tid", TENANT)
                .claim("ver", "2.0")
                .claim("groups", List.of(GROUP))
                .notBeforeTime(Date.from(TestIdentity.START)));

    Principal principal = accepted(token);

    assertThat(principal.objectId()).isEqualTo(OID.toLowerCase(java.util.Locale.ROOT));
    assertThat(principal.groups()).containsExactly(GROUP);
    assertThat(principal.administrator()).isFalse();
    assertThat(refused(signed(claims().claim("oid", OID).claim("tid", GROUP))))
        .isEqualTo(Reason.ISSUER);
    assertThat(refused(signed(claims().claim("oid", OID)))).isEqualTo(Reason.ISSUER);
  }

  @Test
  void keycloak_namesBecomeIdsThatNobodyElseCanName() {
    String token =
        signed(
            claims()
                .audience(List.of("account", "sandpool"))
                .subject(OID)
                .claim("azp", "agents")
                .claim("groups", List.of("/platform")));

    Principal principal = accepted(token);

    assertThat(principal.objectId()).isNotEqualToIgnoringCase(OID).hasSize(36);
    assertThat(principal.groups())
        .containsExactly(new ForeignIds(issuer.name(), false).ofGroup("/platform"));
  }

  @Test
  void idsAreThoseThatAnybodyCanWorkOut() {
    // python3 -c 'import uuid; print(uuid.uuid5(uuid.NAMESPACE_URL,
    // "https://kc/realms/x#group:/platform"))'
    assertThat(new ForeignIds("https://kc/realms/x", false).ofGroup("/platform"))
        .isEqualTo("c66e0055-c3de-579a-a7d5-97f6138cd457");
  }

  @Test
  void kubernetes_saysNoTypeAndHasManyAudiences() {
    String token =
        TestIssuer.sign(
            issuer.key,
            null,
            claims()
                .subject("system:serviceaccount:agents:runner")
                .audience(List.of("https://dynamicsessions.io", "https://kubernetes.default.svc"))
                .notBeforeTime(Date.from(TestIdentity.START))
                .build());

    assertThat(accepted(token).objectId()).hasSize(36);
  }

  @Test
  void wrongAudience_otherPlane_orBothPlanes() {
    assertThat(refused(signed(claims().audience("somebody-else")))).isEqualTo(Reason.AUDIENCE);
    assertThat(refused(signed(claims().audience("sandpool-management"))))
        .isEqualTo(Reason.AUDIENCE);
    assertThat(refused(signed(claims().audience(List.of("sandpool", "sandpool-management")))))
        .isEqualTo(Reason.AUDIENCE);
  }

  @Test
  void expired_notYetValid_andClocksThatDiffer() {
    Instant now = TestIdentity.START;
    assertThat(refused(signed(claims().expirationTime(Date.from(now.minusSeconds(60))))))
        .isEqualTo(Reason.EXPIRED);
    assertThat(refused(signed(claims().notBeforeTime(Date.from(now.plusSeconds(61))))))
        .isEqualTo(Reason.NOT_YET_VALID);
    assertThat(refused(signed(claims().expirationTime(null)))).isEqualTo(Reason.MALFORMED);
    accepted(signed(claims().expirationTime(Date.from(now.minusSeconds(59)))));
    accepted(signed(claims().notBeforeTime(Date.from(now.plusSeconds(60)))));
  }

  @Test
  void signedWithThePublicKeyAsASecret_isRefused() throws JOSEException {
    byte[] known = issuer.key.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8);
    var header = new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("one").build();
    var jwt = new SignedJWT(header, claims().build());
    jwt.sign(new MACSigner(known));

    assertThat(refused(jwt.serialize())).isEqualTo(Reason.ALGORITHM);
  }

  @Test
  void keyInTheHeader_isNotLookedAt() throws JOSEException {
    RSAKey own = TestIssuer.rsa("one");
    var header =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .keyID("one")
            .jwk(own.toPublicJWK())
            .jwkURL(URI.create("http://127.0.0.1:1/keys"))
            .x509CertURL(URI.create("http://127.0.0.1:1/x5u"))
            .build();
    var jwt = new SignedJWT(header, claims().build());
    jwt.sign(new com.nimbusds.jose.crypto.RSASSASigner(own));

    assertThat(refused(jwt.serialize())).isEqualTo(Reason.SIGNATURE);
  }

  @Test
  void issuerThatIsNotConfigured_isRefused() {
    assertThat(refused(signed(claims().issuer(issuer.name() + "2")))).isEqualTo(Reason.ALGORITHM);
  }

  @Test
  void unknownKeys_doNotReachTheIssuer() {
    accepted(signed(claims()));
    int before = issuer.fetched.get();

    for (int i = 0; i < 200; i++) {
      RSAKey invented = new RSAKey.Builder(issuer.key).keyID("invented-" + i).build();
      assertThat(refused(TestIssuer.sign(invented, JOSEObjectType.JWT, claims().build())))
          .isEqualTo(Reason.SIGNATURE);
    }

    assertThat(issuer.fetched.get() - before).isLessThanOrEqualTo(2);
    accepted(signed(claims().jwtID("another")));
  }

  @Test
  void newKey_isFetchedWhenItIsFirstSeen() {
    accepted(signed(claims()));
    RSAKey next = TestIssuer.rsa("two");
    issuer.serve(
        new com.nimbusds.jose.jwk.JWKSet(List.of(issuer.key.toPublicJWK(), next.toPublicJWK()))
            .toString());

    accepted(TestIssuer.sign(next, JOSEObjectType.JWT, claims().build()));
  }

  @Test
  void unreachableIssuer_stopsNeitherKnownTokensNorKnownKeys() {
    String known = signed(claims());
    accepted(known);
    issuer.close();

    accepted(known);
    accepted(signed(claims().jwtID("first seen while the issuer is away")));
  }

  @Test
  void keysBomb_isCutOff() {
    String key = issuer.key.toPublicJWK().toJSONString();
    issuer.serve(
        IntStream.range(0, 2000)
            .mapToObj(i -> key)
            .collect(Collectors.joining(",", "{\"keys\":[", "]}")));

    assertThat(refused(signed(claims()))).isEqualTo(Reason.SIGNATURE);
  }

  /** Small enough to be read, and made to keep busy who reads them or tries one after the other. */
  @Test
  void keysThatAreDear_areNotTried() throws IOException {
    String good = issuer.key.toPublicJWK().toJSONString();
    String other = TestIssuer.rsa("one").toPublicJWK().toJSONString();
    String giant =
        "{\"kty\":\"RSA\",\"kid\":\"one\",\"e\":\"AQAB\",\"n\":\"%s\"}"
            .formatted("x".repeat(200_000));
    List<String> bombs =
        List.of(
            "[".repeat(200_000),
            "{\"keys\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}",
            "{\"keys\":[" + giant + "]}",
            "{\"keys\":[" + (other + ",").repeat(300) + good + "]}");
    for (String bomb : bombs) {
      assertThat(bomb.length()).isLessThan(256 * 1024);
      issuer.serve(bomb);
      // Another reader each, since keys are kept.
      Path folder = directory.resolve("reader-" + bombs.indexOf(bomb));
      identity = new TestIdentity(folder, false, List.of(settings("sub", false, null)));

      assertThat(refused(signed(claims()))).isEqualTo(Reason.SIGNATURE);
    }
    issuer.serve("{\"keys\":[" + other + "," + good + "]}");
    identity =
        new TestIdentity(directory.resolve("two"), false, List.of(settings("sub", false, null)));
    accepted(signed(claims()));
  }

  @Test
  void discoveryOfAnother_isNotBelieved() {
    issuer.callItself("https://evil.example");

    assertThat(refused(signed(claims()))).isEqualTo(Reason.SIGNATURE);
  }
}
