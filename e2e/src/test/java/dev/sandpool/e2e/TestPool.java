package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A pool of the sample image as an application sees it.
 *
 * @param endpoint {@code poolManagementEndpoint}
 */
public record TestPool(TestClient client, String name, String endpoint) {
  /** The header of the request that allocated. */
  public static final String ALLOCATION = "sandpool-allocation-time-ms";

  /** A request with a good token. */
  public HttpRequest.Builder request(String pathAndQuery) {
    return bare(pathAndQuery)
        .header("Authorization", "Bearer " + client.token(TestClient.SESSIONS));
  }

  /** A request without a token. */
  public HttpRequest.Builder bare(String pathAndQuery) {
    return HttpRequest.newBuilder(URI.create(endpoint + pathAndQuery));
  }

  /** A request of an identifier. */
  public HttpRequest.Builder request(String pathAndQuery, String identifier) {
    return request(
        pathAndQuery + (pathAndQuery.contains("?") ? "&" : "?") + "identifier=" + identifier);
  }

  /** GET. */
  public HttpResponse<String> get(String pathAndQuery, String identifier) {
    return client.send(request(pathAndQuery, identifier));
  }

  /** Which start of the application answers: another one for each sandbox. */
  public String instance(String identifier) {
    HttpResponse<String> answer = get("/", identifier);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return TestClient.json(answer).path("instance").asString();
  }

  /** Runs a shell command in the identifier's sandbox: its output, errors included. */
  public String shell(String identifier, String command) {
    HttpResponse<String> answer =
        client.send(
            request("/run", identifier)
                .POST(
                    BodyPublishers.ofString(
                        Json.MAPPER.writeValueAsString(Map.of("command", command)))));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return TestClient.json(answer).path("output").asString();
  }

  /** A call under {@code /.management/}. */
  public HttpResponse<String> manage(String operationAndQuery) {
    return client.send(request("/.management/" + operationAndQuery).POST(BodyPublishers.noBody()));
  }

  /** All sessions. */
  public List<JsonNode> sessions() {
    HttpResponse<String> answer = manage("listSessions");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return List.copyOf(TestClient.json(answer).path("value").values());
  }

  /** The identifiers that have sessions. */
  public List<String> identifiers() {
    return sessions().stream().map(session -> session.path("identifier").asString()).toList();
  }

  /** The id of the sandbox that the identifier has. */
  public String sandbox(String identifier) {
    HttpResponse<String> answer = manage("getSession?identifier=" + identifier);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return TestClient.json(answer).path("etag").asString();
  }

  /** The same, if it has one at this moment. */
  public Optional<String> sandboxNow(String identifier) {
    return sessions().stream()
        .filter(session -> session.path("identifier").asString().equals(identifier))
        .map(session -> session.path("etag").asString())
        .findFirst();
  }

  /** Ends a session. */
  public void stop(String identifier) {
    HttpResponse<String> answer = manage("stopSession?identifier=" + identifier);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }
}
