package dev.sandpool.server.workload;

import dev.sandpool.model.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Tokens of another authority, which trusts ours: it gets a token of ours in place of a secret (RFC
 * 7523 section 2.2, Entra's workload identity federation). What the container asked for goes into
 * the form's {@code scope} alone; where the request goes is the operator's to say, and no
 * redirection changes it.
 */
public final class ExchangedTokens implements TokenSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExchangedTokens.class);
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final int MOST_BYTES = 64 << 10;

  /**
   * How the other authority is asked.
   *
   * @param endpoint its token endpoint
   * @param audience of our token, as that authority expects it
   * @param clients by principal id, as what it knows an identity; others by our client id
   */
  public record Settings(URI endpoint, String audience, Map<String, String> clients) {
    public Settings {
      clients = Map.copyOf(clients);
    }
  }

  private final Settings settings;
  private final TokenSource assertions;
  private final InstantSource clock;
  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(DEADLINE)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * Those of another authority.
   *
   * @param assertions tokens that it trusts
   */
  public ExchangedTokens(Settings settings, TokenSource assertions, InstantSource clock) {
    this.settings = settings;
    this.assertions = assertions;
    this.clock = clock;
  }

  @Override
  public WorkloadToken token(Grant grant, String resource) throws Refusal {
    Instant now = clock.instant();
    HttpResponse<String> response = ask(form(grant, resource));
    JsonNode body = json(response.body());
    if (response.statusCode() != 200) {
      boolean passing = response.statusCode() >= 500 || response.statusCode() == 429;
      String error = body.path("error").asString("status " + response.statusCode());
      // Its description is for the operator: it may name what the container has no business with.
      LOG.warn(
          "the token of principal {} was refused: {} {}",
          grant.principalId(),
          error,
          body.path("error_description").asString(""));
      throw new Refusal("the token endpoint refused: " + shortened(error), passing);
    }
    String token = body.path("access_token").asString("");
    long seconds = body.path("expires_in").asLong(0);
    if (token.isEmpty() || seconds <= 0) {
      throw new Refusal("the token endpoint answered without a token", true);
    }
    return new WorkloadToken(token, now, now.plusSeconds(Math.min(seconds, 86_400)));
  }

  private Map<String, String> form(Grant grant, String resource) throws Refusal {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "client_credentials");
    form.put("client_id", settings.clients().getOrDefault(grant.principalId(), grant.clientId()));
    form.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    form.put("client_assertion", assertions.token(grant, settings.audience()).value());
    form.put("scope", resource + "/.default");
    return form;
  }

  private HttpResponse<String> ask(Map<String, String> form) throws Refusal {
    HttpRequest request =
        HttpRequest.newBuilder(settings.endpoint())
            .timeout(DEADLINE)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(encoded(form)))
            .build();
    try {
      return client.send(
          request,
          HttpResponse.BodyHandlers.limiting(
              HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8), MOST_BYTES));
    } catch (IOException e) {
      LOG.warn("the token endpoint {} cannot be asked: {}", settings.endpoint(), e.toString());
      throw new Refusal("the token endpoint cannot be asked now", true);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal("the server stops", true);
    }
  }

  private static String encoded(Map<String, String> form) {
    return form.entrySet().stream()
        .map(
            field ->
                field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private static JsonNode json(String body) throws Refusal {
    try {
      return Json.MAPPER.readTree(body);
    } catch (JacksonException _) {
      throw new Refusal("the token endpoint did not answer in JSON", true);
    }
  }

  private static String shortened(String text) {
    return text.length() > 100 ? text.substring(0, 100) : text;
  }

  @Override
  public void close() {
    client.close();
  }
}
