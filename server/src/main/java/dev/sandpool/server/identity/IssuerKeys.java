package dev.sandpool.server.identity;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import dev.sandpool.model.Json;
import dev.sandpool.server.config.IssuerSettings;
import java.io.IOException;
import java.net.URI;
import java.text.ParseException;
import java.time.Duration;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Fetches an issuer's keys: where configuration or its discovery document says, within bounds of
 * time and size.
 */
final class IssuerKeys implements JWKSetSource<SecurityContext> {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int LARGEST = 256 * 1024;

  /** As servers do. */
  static final Times USUAL =
      new Times(
          Duration.ofMinutes(10),
          Duration.ofMinutes(2),
          Duration.ofSeconds(15),
          Duration.ofHours(24),
          Duration.ofSeconds(30));

  /**
   * For how long what is good.
   *
   * @param kept after that keys are fetched again
   * @param ahead so long before that, whoever uses them has them fetched beside
   * @param fetched so long a token waits for keys
   * @param outage so long they are used while the issuer is not to be reached
   * @param pause between two fetches for keys that are not known
   */
  record Times(Duration kept, Duration ahead, Duration fetched, Duration outage, Duration pause) {}

  private final IssuerSettings settings;
  private final DefaultResourceRetriever retriever =
      new DefaultResourceRetriever(
          Math.toIntExact(TIMEOUT.toMillis()), Math.toIntExact(TIMEOUT.toMillis()), LARGEST);

  private IssuerKeys(IssuerSettings settings) {
    this.settings = settings;
  }

  /**
   * Keys that are kept, fetched again before that is over, and used for longer if the issuer is not
   * to be reached. A key that is not among them has them fetched again, but at most twice in a
   * pause: whoever invents names of keys asks the issuer for nothing.
   */
  static JWKSource<SecurityContext> of(IssuerSettings settings, Times times) {
    return JWKSourceBuilder.create(new IssuerKeys(settings))
        .cache(times.kept().toMillis(), times.fetched().toMillis())
        // On virtual threads, which end with the server.
        .refreshAheadCache(
            times.ahead().toMillis(),
            null,
            Executors.newVirtualThreadPerTaskExecutor(),
            false,
            null,
            false)
        .rateLimited(times.pause().toMillis())
        .outageTolerant(times.outage().toMillis())
        .build();
  }

  @Override
  public JWKSet getJWKSet(
      JWKSetCacheRefreshEvaluator refresh, long currentTime, @Nullable SecurityContext context)
      throws KeySourceException {
    try {
      URI place = settings.keys().isPresent() ? settings.keys().get() : discovered();
      return JWKSet.parse(retriever.retrieveResource(place.toURL()).getContent());
    } catch (IOException | ParseException | IllegalArgumentException | JacksonException e) {
      throw new JWKSetUnavailableException("cannot be fetched: " + e.getMessage(), e);
    }
  }

  private URI discovered() throws IOException {
    URI at = URI.create(settings.issuer() + "/.well-known/openid-configuration");
    JsonNode document = Json.MAPPER.readTree(retriever.retrieveResource(at.toURL()).getContent());
    String named = document.path("issuer").asString("");
    String issuer = settings.issuer().toString();
    if (!named.equals(issuer) && !named.equals(issuer + "/")) {
      throw new IOException("the discovery document is of '" + named + "'");
    }
    URI keys = URI.create(document.path("jwks_uri").asString(""));
    if ("https".equals(settings.issuer().getScheme()) && !"https".equals(keys.getScheme())) {
      throw new IOException("the discovery document leads away from https");
    }
    if (!"https".equals(keys.getScheme()) && !"http".equals(keys.getScheme())) {
      throw new IOException("the discovery document has no 'jwks_uri'");
    }
    return keys;
  }

  @Override
  public void close() {
    // Holds nothing between two fetches.
  }
}
