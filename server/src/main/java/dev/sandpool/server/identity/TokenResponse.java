package dev.sandpool.server.identity;

import dev.sandpool.model.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The answer of the token endpoint (RFC 6749 section 5). */
public sealed interface TokenResponse {
  /** The HTTP status. */
  int status();

  /** The body. */
  String json();

  /** A token. */
  record Issued(String token, Duration lifetime) implements TokenResponse {
    @Override
    public int status() {
      return 200;
    }

    @Override
    public String json() {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("token_type", "Bearer");
      body.put("expires_in", lifetime.toSeconds());
      body.put("ext_expires_in", lifetime.toSeconds());
      body.put("access_token", token);
      return Json.MAPPER.writeValueAsString(body);
    }

    @Override
    public String toString() {
      return "Issued[" + lifetime + "]"; // a record would print the token
    }
  }

  /**
   * A token for a registry.
   *
   * @param clientId whose it is
   * @param refreshToken null where the client did not ask to stay logged in
   * @param scopes what it is good for; less than was asked where roles allow less
   */
  record ForRegistry(
      String clientId,
      String token,
      @Nullable String refreshToken,
      List<String> scopes,
      Instant issued,
      Duration lifetime)
      implements TokenResponse {
    public ForRegistry {
      scopes = List.copyOf(scopes);
    }

    @Override
    public int status() {
      return 200;
    }

    @Override
    public String json() {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("token", token);
      body.put("access_token", token);
      body.put("scope", String.join(" ", scopes));
      body.put("expires_in", lifetime.toSeconds());
      body.put("issued_at", issued.truncatedTo(ChronoUnit.SECONDS).toString());
      if (refreshToken != null) {
        body.put("refresh_token", refreshToken);
      }
      return Json.MAPPER.writeValueAsString(body);
    }

    @Override
    public String toString() {
      return "ForRegistry" + scopes; // a record would print the tokens
    }
  }

  /**
   * Not looked at, because too many secrets from there were wrong.
   *
   * @param seconds until one more will be looked at
   */
  record Later(int seconds) implements TokenResponse {
    @Override
    public int status() {
      return 429;
    }

    @Override
    public String json() {
      return new Refused(
              429, "temporarily_unavailable", "too many logins from this address were wrong")
          .json();
    }
  }

  /**
   * No token.
   *
   * @param status 400, or 401 for a client that did not show who it is
   * @param error one of the codes of RFC 6749 section 5.2
   * @param description a sentence for a person
   */
  record Refused(int status, String error, String description) implements TokenResponse {
    @Override
    public String json() {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("error", error);
      body.put("error_description", description);
      return Json.MAPPER.writeValueAsString(body);
    }

    static Refused invalidRequest(String description) {
      return new Refused(400, "invalid_request", description);
    }

    static Refused invalidClient(String description) {
      return new Refused(401, "invalid_client", description);
    }
  }
}
