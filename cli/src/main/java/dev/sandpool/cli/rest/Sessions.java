package dev.sandpool.cli.rest;

import dev.sandpool.cli.Failure;
import dev.sandpool.model.Json;
import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The session calls under one pool's endpoint (contract 2.5). */
public final class Sessions {
  private static final String API_VERSION = "api-version=2025-02-02-preview";

  private final AuthorizedClient client;
  private final String endpoint;

  /**
   * @param endpoint the pool's {@code poolManagementEndpoint}
   */
  public Sessions(AuthorizedClient client, String endpoint) {
    this.client = client;
    this.endpoint = endpoint.endsWith("/") ? endpoint : endpoint + "/";
  }

  /** All sessions; skips by count rather than by the address that a page names. */
  public ArrayNode list() {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    while (true) {
      JsonNode page = json("listSessions", "skip=" + all.size());
      JsonNode values = page.has("value") ? page.path("value") : page.path("sessions");
      values.values().forEach(all::add);
      if (values.isEmpty() || page.path("nextLink").asString("").isEmpty()) {
        return all;
      }
    }
  }

  /** One session. */
  public JsonNode get(String identifier) {
    return json("getSession", "identifier=" + Ids.segment(identifier));
  }

  /** Ends a session; the server's sentence about it. */
  public String stop(String identifier) {
    return text("stopSession", "identifier=" + Ids.segment(identifier));
  }

  /**
   * What a session's token is to be good for; null: as the server has it.
   *
   * @param methods separated by commas
   */
  public record TokenWish(
      @Nullable Long seconds, @Nullable String methods, @Nullable String pathPrefix) {
    private String query() {
      return (seconds == null ? "" : "&expiresInSeconds=" + seconds)
          + (methods == null ? "" : "&methods=" + Ids.segment(methods))
          + (pathPrefix == null ? "" : "&pathPrefix=" + Ids.segment(pathPrefix));
    }
  }

  /** A token that opens one session alone. */
  public String token(String identifier, TokenWish wish) {
    String query = "identifier=" + Ids.segment(identifier) + wish.query();
    return json("createSessionToken", query).path("token").asString("");
  }

  private JsonNode json(String verb, String query) {
    return Json.MAPPER.readTree(text(verb, query));
  }

  private String text(String verb, String query) {
    URI uri = URI.create(endpoint + ".management/" + verb + "?" + query + "&" + API_VERSION);
    try (var answer = client.send("POST", uri, null)) {
      return answer.text();
    } catch (IOException e) {
      throw Failure.error("ServerUnreachable", "the answer broke off: " + e.getMessage());
    }
  }
}
