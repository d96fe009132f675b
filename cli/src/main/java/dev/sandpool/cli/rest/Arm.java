package dev.sandpool.cli.rest;

import dev.sandpool.cli.Shell;
import dev.sandpool.model.Json;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The management plane: resources by id, waiting for their operations. */
public final class Arm {
  /** Sent with every request; the newest stable one that all of our properties are in. */
  public static final String API_VERSION = "2025-07-01";

  private final Shell shell;
  private final Context context;
  private final AuthorizedClient client;

  public Arm(Shell shell, Context context, AuthorizedClient client) {
    this.shell = shell;
    this.context = context;
    this.client = client;
  }

  /** The JSON under that path, with {@code resourceGroup} added where it is a resource. */
  public JsonNode get(String path) {
    return ask("GET", path, null);
  }

  /** Sends a POST and reads the JSON of its answer. */
  public JsonNode post(String path, JsonNode body) {
    return ask("POST", path, body);
  }

  /** Sends a POST whose answer is read while it comes; the caller closes it. */
  public Http.Answer stream(String path, JsonNode body) {
    return client.stream("POST", address(path), Content.json(body));
  }

  /** Sends bytes to be kept, and reads the JSON of the answer. */
  public JsonNode putBytes(String path, byte[] bytes) {
    return read("PUT", path, Content.bytes("application/octet-stream", bytes));
  }

  /** All pages of a collection. */
  public ArrayNode list(String collection) {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    @Nullable String path = collection;
    while (path != null) {
      JsonNode page = get(path);
      page.path("value").values().forEach(one -> all.add(withGroup(one)));
      String next = page.path("nextLink").asString("");
      path = next.isEmpty() ? null : pathAndQuery(URI.create(next));
    }
    return all;
  }

  /** Creates or replaces, waits if asked to, and answers with the resource. */
  public JsonNode put(String id, JsonNode body, Waiting waiting) {
    return change("PUT", id, body, waiting);
  }

  /** Merges, waits if asked to, and answers with the resource. */
  public JsonNode patch(String id, JsonNode body, Waiting waiting) {
    return change("PATCH", id, body, waiting);
  }

  /** Deletes. False if there was nothing of that id. */
  public boolean delete(String id, Waiting waiting) {
    try (var answer = client.send("DELETE", address(id), null)) {
      if (waiting.wanted()) {
        follow(answer, waiting);
      }
      return answer.status() != 204;
    } catch (IOException e) {
      throw Http.unreachable(address(id), context, e);
    }
  }

  /**
   * Whether to wait for the end of an operation.
   *
   * @param subject what the progress line calls it
   */
  public record Waiting(boolean wanted, String subject) {}

  private JsonNode change(String method, String id, JsonNode body, Waiting waiting) {
    try (var answer = client.send(method, address(id), Content.json(body))) {
      if (!waiting.wanted()) {
        String text = answer.text();
        return text.isBlank()
            ? JsonNodeFactory.instance.nullNode()
            : withGroup(Json.MAPPER.readTree(text));
      }
      boolean atOnce =
          answer.status() == 200 && answer.header().get("Azure-AsyncOperation") == null;
      Optional<JsonNode> end = follow(answer, waiting);
      // The body of a 201 is from before the end: only one that ended carries the resource.
      return end.isPresent() && (atOnce || method.equals("PATCH")) ? withGroup(end.get()) : get(id);
    } catch (IOException e) {
      throw Http.unreachable(address(id), context, e);
    }
  }

  private Optional<JsonNode> follow(Http.Answer answer, Waiting waiting) throws IOException {
    try (var progress = new Progress(shell, waiting.subject())) {
      return new Operations(client, context, shell.pause(), progress).await(answer);
    }
  }

  private JsonNode ask(String method, String path, @Nullable JsonNode body) {
    Content content = body == null ? null : Content.json(body);
    return read(method, path, content);
  }

  private JsonNode read(String method, String path, @Nullable Content content) {
    try (var answer = client.send(method, address(path), content)) {
      String text = answer.text();
      return text.isBlank()
          ? JsonNodeFactory.instance.nullNode()
          : withGroup(Json.MAPPER.readTree(text));
    } catch (IOException e) {
      throw Http.unreachable(address(path), context, e);
    }
  }

  private URI address(String path) {
    if (path.contains("api-version=")) {
      return context.management(path);
    }
    return context.management(
        path + (path.indexOf('?') < 0 ? "?" : "&") + "api-version=" + API_VERSION);
  }

  private static String pathAndQuery(URI uri) {
    return uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
  }

  /** Scripts ask for {@code resourceGroup}, which is only in the id. */
  private static JsonNode withGroup(JsonNode json) {
    String[] parts = json.path("id").asString("").split("/", -1);
    if (parts.length > 4
        && parts[3].equalsIgnoreCase("resourceGroups")
        && json instanceof ObjectNode object
        && !object.has("resourceGroup")) {
      object.put("resourceGroup", parts[4]);
    }
    return json;
  }
}
