package dev.sandpool.cli.rest;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.model.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Tokens of the context's client, by audience; kept in a file so that most commands ask for none.
 */
public final class Tokens {
  /** The management plane's audience. */
  public static final String MANAGEMENT = "https://management.azure.com/";

  /** The data plane's audience. */
  public static final String SESSIONS = "https://dynamicsessions.io";

  /**
   * A token.
   *
   * @param expires in epoch seconds
   */
  public record Token(String text, long expires) {
    /** The object id of its bearer; null where it does not say. It is not checked: servers do. */
    public @Nullable String objectId() {
      String[] parts = text.split("\\.", -1);
      if (parts.length != 3) {
        return null;
      }
      try {
        JsonNode claims = Json.MAPPER.readTree(Base64.getUrlDecoder().decode(parts[1]));
        String id = claims.path("oid").asString("");
        return id.isEmpty() ? null : id;
      } catch (IllegalArgumentException | JacksonException e) {
        return null;
      }
    }

    @Override
    public String toString() {
      return "a token that expires at " + expires;
    }
  }

  private static final long MARGIN_SECONDS = 120;

  private final Shell shell;
  private final Http http;
  private final Context context;

  public Tokens(Shell shell, Http http, Context context) {
    this.shell = shell;
    this.http = http;
    this.context = context;
  }

  /**
   * A token for that audience, good for two more minutes at least.
   *
   * @throws Failure if the authority refuses or does not answer; never quotes a secret
   */
  public String get(String audience) {
    return token(audience).text();
  }

  /** The same with its expiry. */
  public Token token(String audience) {
    var cache = cache(audience);
    long now = shell.clock().instant().getEpochSecond();
    @Nullable Token kept = cache.read(now + MARGIN_SECONDS);
    if (kept != null) {
      return kept;
    }
    JsonNode answer = ask(audience);
    String token = answer.path("access_token").asString("");
    if (token.isEmpty()) {
      throw Failure.error("InvalidToken", "the authority's answer holds no access_token");
    }
    var fresh = new Token(token, now + answer.path("expires_in").asLong(0));
    cache.write(fresh);
    return fresh;
  }

  /** Drops a token that a server refused although it had not expired. */
  public void forget(String audience) {
    cache(audience).delete();
  }

  private TokenFile cache(String audience) {
    String key =
        String.join(
            " ", context.managementEndpoint(), context.tenant(), context.clientId(), audience);
    return new TokenFile(shell.cacheFolder(), key);
  }

  private JsonNode ask(String audience) {
    URI uri = context.management("/" + Ids.segment(context.tenant()) + "/oauth2/v2.0/token");
    String scope = audience.endsWith("/.default") ? audience : audience + "/.default";
    String form =
        ("grant_type=client_credentials&client_id=" + encoded(context.clientId()))
            .concat("&client_secret=" + encoded(context.clientSecret()))
            .concat("&scope=" + encoded(scope));
    Content body =
        Content.bytes("application/x-www-form-urlencoded", form.getBytes(StandardCharsets.UTF_8));
    var headers = Map.of("Accept", "application/json");
    try (var answer = http.send(new Http.Call("POST", uri, headers, body))) {
      JsonNode json = Json.MAPPER.readTree(answer.text());
      if (answer.status() != 200) {
        throw refused(json, answer.status());
      }
      return json;
    } catch (JacksonException e) {
      throw Failure.error("InvalidToken", "the authority's answer is not JSON");
    } catch (IOException e) {
      throw Http.unreachable(uri, context, e);
    }
  }

  private Failure refused(JsonNode json, int status) {
    return Failure.error(
        json.path("error").asString("Unauthenticated"),
        json.path("error_description").asString("the authority answered " + status),
        "The login came from " + context.file() + ".");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
