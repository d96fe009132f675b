package dev.sandpool.server.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import dev.sandpool.server.config.IssuerSettings;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When keys are fetched, with times that are shorter than a server's. */
@SuppressWarnings("NullAway.Init") // the fields are set before each test
class IssuerKeysTest {
  private static final Duration KEPT = Duration.ofSeconds(2);

  private TestIssuer issuer;

  @BeforeEach
  void start() throws IOException {
    issuer = new TestIssuer();
  }

  @AfterEach
  void stop() {
    issuer.close();
  }

  private JWKSource<SecurityContext> keys(Duration outage) {
    var settings =
        new IssuerSettings(
            URI.create(issuer.name()),
            Optional.empty(),
            List.of("sandpool"),
            List.of(),
            List.of("RS256"),
            "sub",
            "groups",
            Optional.empty(),
            false);
    return IssuerKeys.of(
        settings,
        new IssuerKeys.Times(
            KEPT, KEPT.dividedBy(2), KEPT.dividedBy(2), outage, Duration.ofMillis(1)));
  }

  private static List<JWK> one(JWKSource<SecurityContext> keys) throws KeySourceException {
    return keys.get(new JWKSelector(new JWKMatcher.Builder().keyID("one").build()), null);
  }

  @Test
  void usedKeys_areFetchedAgainByThemselves() {
    JWKSource<SecurityContext> keys = keys(Duration.ofHours(1));
    await()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              assertThat(one(keys)).hasSize(1);
              return issuer.fetched.get() > 2;
            });
  }

  @Test
  void keysThatNobodyUses_areNotFetched() throws KeySourceException {
    JWKSource<SecurityContext> keys = keys(Duration.ofHours(1));
    assertThat(one(keys)).hasSize(1);
    Instant later = Instant.now().plus(KEPT.plusMillis(500));

    await().until(() -> Instant.now().isAfter(later));

    assertThat(issuer.fetched).hasValue(1);
  }

  @Test
  void issuerThatIsAwayForLongerThanKeysAreKept_doesNotStopThem() throws KeySourceException {
    JWKSource<SecurityContext> keys = keys(Duration.ofHours(1));
    assertThat(one(keys)).hasSize(1);
    issuer.close();
    Instant later = Instant.now().plus(KEPT.plusMillis(500));
    await()
        .until(
            () -> {
              assertThat(one(keys)).hasSize(1);
              return Instant.now().isAfter(later);
            });
  }

  @Test
  void issuerThatIsAwayForTooLong_isNotBelievedForEver() throws KeySourceException {
    JWKSource<SecurityContext> keys = keys(Duration.ofMillis(700));
    assertThat(one(keys)).hasSize(1);
    issuer.close();
    await()
        .untilAsserted(
            () -> assertThatThrownBy(() -> one(keys)).isInstanceOf(KeySourceException.class));
  }
}
