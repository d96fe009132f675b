package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sandpool.server.secret.DataKey;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Date;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that no sandbox may ever see: wrong identifiers, wrong tokens, wrong pools. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusedRequestsIT {
  private final Stage stage;
  private final TestPool pool;

  RefusedRequestsIT() throws Exception {
    stage = Stage.open("refused", "", "--sandboxes", "stop").importSample();
    pool = stage.pool("strict", "--max-sessions 3 --ready-sessions 1");
  }

  @AfterAll
  void noSandboxWasGivenToAnybody() throws Exception {
    try {
      assertThat(pool.identifiers()).isEmpty();
    } finally {
      stage.close();
    }
  }

  private static void refused(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("x-ms-error-code")).contains(code);
    assertThat(TestClient.json(answer).path("error").path("code").asString()).isEqualTo(code);
    assertThat(TestClient.json(answer).path("error").path("message").asString()).isNotEmpty();
    assertThat(answer.headers().firstValue(TestPool.ALLOCATION)).isEmpty();
  }

  // --- identifiers -----------------------------------------------------------------------------

  @ParameterizedTest
  @CsvSource({
    "/, MissingSessionIdentifier",
    "/?Identifier=abcd, MissingSessionIdentifier",
    "/?identifiers=abcd, MissingSessionIdentifier",
    "/?identifier=abcd&identifier=abcd, DuplicateSessionIdentifier",
    "/?identifier=abcd&x=1&%69dentifier=efgh, DuplicateSessionIdentifier",
    "/?identifier=, InvalidLengthOfSessionIdentifier",
    "/?identifier, InvalidLengthOfSessionIdentifier",
    "/?identifier=abc, InvalidLengthOfSessionIdentifier",
    "/?identifier=ab%20cd, InvalidSessionIdentifier",
    "/?identifier=ab%5Ccd, InvalidSessionIdentifier",
    "/?identifier=ab%00cd, InvalidSessionIdentifier",
    "/?identifier=%C3%A4%C3%B6%C3%BC%C3%9F, InvalidSessionIdentifier",
    "/.management/getSession, MissingSessionIdentifier",
    "/.management/stopSession?identifier=abc, InvalidLengthOfSessionIdentifier",
  })
  void aWrongIdentifierIsNamed(String path, String code) {
    var request = pool.request(path);
    if (path.contains(".management")) {
      request.POST(BodyPublishers.noBody());
    }
    refused(stage.client().send(request), 400, code);
  }

  @Test
  void anIdentifierThatIsTooLongIsRefused() {
    refused(pool.get("/", "x".repeat(129)), 400, "InvalidLengthOfSessionIdentifier");
  }

  // --- tokens ----------------------------------------------------------------------------------

  private HttpRequest.Builder data(String authorization) {
    var request = pool.bare("/?identifier=abcd");
    return authorization.isEmpty() ? request : request.header("Authorization", authorization);
  }

  private HttpRequest.Builder management(String authorization) {
    var request =
        HttpRequest.newBuilder(stage.client().arm(stage.client().pool("group", "strict")));
    return authorization.isEmpty() ? request : request.header("Authorization", authorization);
  }

  private void opensNothing(String authorization) {
    for (HttpRequest.Builder request :
        new HttpRequest.Builder[] {data(authorization), management(authorization)}) {
      HttpResponse<String> answer = stage.client().send(request);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
      assertThat(answer.headers().firstValue("WWW-Authenticate"))
          .get()
          .asString()
          .startsWith("Bearer");
      assertThat(TestClient.json(answer).path("error").path("code").asString()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"''", "Bearer", "Bearer x.y.z", "Basic YTpi", "Bearer sandpool-dev-token"})
  void nothingThatIsNoTokenOpensAnything(String authorization) {
    opensNothing(authorization);
  }

  @Test
  void aTokenOfOnePlaneDoesNotOpenTheOther() {
    String forData = "Bearer " + stage.client().token(TestClient.SESSIONS);
    String forManagement = "Bearer " + stage.client().token(TestClient.MANAGEMENT);
    assertThat(stage.client().send(management(forManagement)).statusCode()).isEqualTo(200);
    assertThat(stage.client().send(management(forData)).statusCode()).isEqualTo(401);
    refused(stage.client().send(data(forManagement)), 401, "Unauthenticated");
  }

  @Test
  void aTokenThatHasExpiredIsRefusedAlthoughItsSignatureIsRight() throws Exception {
    Instant longAgo = Instant.now().minusSeconds(600);
    for (String audience : new String[] {TestClient.SESSIONS, TestClient.MANAGEMENT}) {
      opensNothing("Bearer " + signed(serversKey(), audience, longAgo));
    }
    assertThat(
            stage
                .client()
                .send(
                    data(
                        "Bearer "
                            + signed(
                                serversKey(), TestClient.SESSIONS, Instant.now().plusSeconds(600))))
                .headers()
                .firstValue("x-ms-error-code"))
        .as("the same with time left is let in")
        .isEmpty();
    pool.stop("abcd");
  }

  @Test
  void aTokenSignedByAnybodyElseIsRefused() throws Exception {
    ECKey mine = serversKey();
    ECKey foreign = new ECKeyGenerator(Curve.P_256).keyID(mine.getKeyID()).generate();
    for (String audience : new String[] {TestClient.SESSIONS, TestClient.MANAGEMENT}) {
      opensNothing("Bearer " + signed(foreign, audience, Instant.now().plusSeconds(600)));
    }
  }

  /** What only somebody who can read the data directory can do. */
  private ECKey serversKey() throws Exception {
    var directory = stage.server().dataDirectory().resolve("server");
    DataKey key = DataKey.loadOrCreate(directory.resolve("data.key"));
    byte[] plain = key.open(Files.readAllBytes(directory.resolve("signing.key")));
    return JWKSet.parse(new String(plain, StandardCharsets.UTF_8)).getKeys().getFirst().toECKey();
  }

  /** The claims of a good token of the administrator, but for audience and expiry. */
  private String signed(ECKey key, String audience, Instant expiry) throws Exception {
    JWTClaimsSet good =
        SignedJWT.parse(stage.client().token(TestClient.SESSIONS)).getJWTClaimsSet();
    var claims =
        new JWTClaimsSet.Builder(good)
            .audience(audience)
            .notBeforeTime(Date.from(expiry.minusSeconds(3600)))
            .issueTime(Date.from(expiry.minusSeconds(3600)))
            .expirationTime(Date.from(expiry))
            .build();
    var header =
        new JWSHeader.Builder(JWSAlgorithm.ES256)
            .type(com.nimbusds.jose.JOSEObjectType.JWT)
            .keyID(key.getKeyID())
            .build();
    var jwt = new SignedJWT(header, claims);
    jwt.sign(new ECDSASigner(key));
    return jwt.serialize();
  }

  // --- pools -----------------------------------------------------------------------------------

  @Test
  void whoHasNoRightCannotTellWhetherAPoolExists() {
    URI unknown = URI.create(pool.endpoint().replace("strict", "nothing") + "/?identifier=abcd");
    HttpResponse<String> there = stage.client().send(data(""));
    HttpResponse<String> missing = stage.client().send(HttpRequest.newBuilder(unknown));
    assertThat(missing.statusCode()).isEqualTo(there.statusCode());
    assertThat(missing.body()).isEqualTo(there.body());
  }

  @Test
  void anUnknownPoolIsSaidToWhoMayAsk() {
    URI unknown = URI.create(pool.endpoint().replace("strict", "nothing") + "/?identifier=abcd");
    refused(
        stage
            .client()
            .send(
                HttpRequest.newBuilder(unknown)
                    .header(
                        "Authorization", "Bearer " + stage.client().token(TestClient.SESSIONS))),
        404,
        "ResourceNotFound");
    TestCli.Outcome shown = stage.cli().type("sandpool sessionpool show -n nothing -g group");
    assertThat(shown.code()).isEqualTo(3);
    assertThat(shown.err()).contains("ResourceNotFound");
  }
}
