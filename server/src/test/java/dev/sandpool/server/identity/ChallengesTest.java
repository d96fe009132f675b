package dev.sandpool.server.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.identity.Verdict.Reason;
import dev.sandpool.server.identity.Verdict.Refused;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChallengesTest {
  private final Challenges challenges =
      new Challenges(new Issuer("tenant", () -> URI.create("http://127.0.0.1:7070")));

  @Test
  void aMissingTokenIsNoWrongToken() {
    assertThat(challenges.header(Challenges.missing(), Plane.DATA))
        .isEqualTo(
            "Bearer authorization_uri=\"http://127.0.0.1:7070/tenant\","
                + " resource_id=\"https://dynamicsessions.io\"");
  }

  @Test
  void aWrongTokenIsNamed() {
    Refused expired = new Refused(Reason.EXPIRED, "the token has expired");
    assertThat(challenges.header(expired, Plane.MANAGEMENT))
        .endsWith("error=\"invalid_token\", error_description=\"the token has expired\"");
    var error = challenges.unauthenticated(expired, Plane.MANAGEMENT);
    assertThat(error.code()).isEqualTo("Unauthenticated");
    assertThat(error.message())
        .contains("expired", "https://management.azure.com/", "http://127.0.0.1:7070/tenant");
  }

  @ParameterizedTest
  @CsvSource({"Bearer abc,abc", "bearer abc,abc", "BEARER  abc ,abc"})
  void theSchemeIsReadInAnyCase(String header, String token) {
    assertThat(BearerToken.of(header)).contains(token);
  }

  @ParameterizedTest
  @CsvSource({"Basic abc", "Bearer", "Bearerabc", "Bearer a b", "abc", "''"})
  void anythingElseIsNoBearerToken(String header) {
    assertThat(BearerToken.of(header)).isEmpty();
    assertThat(BearerToken.of(null)).isEmpty();
  }
}
