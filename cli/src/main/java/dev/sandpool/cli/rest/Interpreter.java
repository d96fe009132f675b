package dev.sandpool.cli.rest;

import dev.sandpool.cli.Failure;
import dev.sandpool.model.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Code and files in one session of a pool whose container answers such requests (contract 3.2). */
public final class Interpreter {
  private static final String API_VERSION = "api-version=2025-02-02-preview";

  private final AuthorizedClient client;
  private final String endpoint;
  private final String identifier;

  Interpreter(AuthorizedClient client, String endpoint, String identifier) {
    this.client = client;
    this.endpoint = endpoint.endsWith("/") ? endpoint : endpoint + "/";
    this.identifier = identifier;
  }

  /** Runs code and answers with the execution, successful or not. */
  public JsonNode execute(String code, int timeoutInSeconds) {
    var body = JsonNodeFactory.instance.objectNode();
    body.put("codeInputType", "inline").put("executionType", "synchronous");
    body.put("timeoutInSeconds", timeoutInSeconds).put("code", code);
    // No limit of our own: the container keeps the one in the body, and starting may come before.
    return json(client.stream("POST", address("executions", null), Content.json(body)));
  }

  /** Stores a file under its own name. */
  public JsonNode upload(Path file, @Nullable String path) throws IOException {
    String boundary = "sandpool-" + UUID.randomUUID();
    String name = String.valueOf(file.getFileName());
    Content form = Content.upload(file, name, boundary);
    return json(client.stream("POST", address("files", path), form));
  }

  /** The files in a folder, in their envelope. */
  public JsonNode list(@Nullable String path) {
    return json(client.send("GET", address("files", path == null ? "" : path), null));
  }

  /** What is known about a file. */
  public JsonNode metadata(Place place) {
    return json(client.send("GET", address(file(place), place.folder()), null));
  }

  /**
   * A file as text.
   *
   * @throws Failure if it is not UTF-8
   */
  public String content(Place place) {
    URI uri = address(file(place) + "/content", place.folder());
    try (var answer = client.send("GET", uri, null);
        var in = answer.body()) {
      var bytes = ByteBuffer.wrap(in.readAllBytes());
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw Failure.error("NotText", "'" + place.name() + "' is not text in UTF-8");
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** Removes a file. */
  public void delete(Place place) {
    try (var answer = client.send("DELETE", address(file(place), place.folder()), null)) {
      answer.text();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /**
   * Where a file is: its folder, absent for the session's own, and its name.
   *
   * @param folder relative to the session's own
   */
  public record Place(@Nullable String folder, String name) {
    /** A folder typed into the name is one, too. */
    public static Place of(@Nullable String path, String filename) {
      int slash = filename.lastIndexOf('/');
      if (slash < 0) {
        return new Place(path, filename);
      }
      String folder = filename.substring(0, slash);
      String whole =
          path == null
              ? folder
              : path.replaceFirst("/+$", "") + "/" + folder.replaceFirst("^/+", "");
      return new Place(whole, filename.substring(slash + 1));
    }
  }

  private static String file(Place place) {
    return "files/" + Ids.segment(place.name());
  }

  private URI address(String what, @Nullable String path) {
    String folder = path == null ? "" : "path=" + Ids.segment(path) + "&";
    return URI.create(
        endpoint
            + what
            + "?"
            + folder
            + "identifier="
            + Ids.segment(identifier)
            + "&"
            + API_VERSION);
  }

  private static JsonNode json(Http.Answer answer) {
    try (answer) {
      String text = answer.text();
      return text.isBlank() ? JsonNodeFactory.instance.nullNode() : Json.MAPPER.readTree(text);
    } catch (JacksonException e) {
      throw Failure.error(
          "NotACodeInterpreter",
          "the container's answer is not JSON: is it an image that answers /executions and"
              + " /files?");
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private static Failure broken(IOException cause) {
    var failure = Failure.error("ServerUnreachable", "the answer broke off: " + cause.getMessage());
    failure.initCause(cause);
    return failure;
  }
}
