package dev.sandpool.cli.rest;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.model.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Which server a command talks to and as whom: one JSON file, secret included, so it has no {@code
 * toString} that shows it.
 */
public final class Context {
  private final Path file;
  private final JsonNode json;

  private Context(Path file, JsonNode json) {
    this.file = file;
    this.json = json;
  }

  /**
   * The context that {@code SANDPOOL_CONTEXT} names; else {@code admin.json} of the data directory;
   * else the one in the user's configuration folder.
   *
   * @throws Failure if there is none, or it cannot be read
   */
  public static Context find(Shell shell) {
    List<Path> places = places(shell);
    for (Path place : places) {
      if (Files.exists(place)) {
        return read(place);
      }
    }
    throw Failure.error(
        "NotLoggedIn",
        "no login found: none of these files exists or may be seen by you",
        places.stream().map(Path::toString).toArray(String[]::new));
  }

  private static List<Path> places(Shell shell) {
    String named = shell.environment().getOrDefault("SANDPOOL_CONTEXT", "");
    if (!named.isEmpty()) {
      return List.of(Path.of(named));
    }
    String data = shell.environment().getOrDefault("SANDPOOL_DATA_DIR", "");
    return List.of(
        Path.of(data.isEmpty() ? "/var/lib/sandpool" : data, "server", "admin.json"),
        shell.configFolder().resolve("context.json"));
  }

  private static Context read(Path file) {
    try {
      var context = new Context(file, Json.MAPPER.readTree(Files.readAllBytes(file)));
      for (String key : List.of("endpoint", "tenant", "clientId", "clientSecret", "subscription")) {
        context.text(key);
      }
      return context;
    } catch (AccessDeniedException e) {
      throw Failure.error("NotLoggedIn", "you may not read " + file);
    } catch (IOException e) {
      throw Failure.error("NotLoggedIn", "cannot read " + file + ": " + e.getMessage());
    } catch (JacksonException e) {
      // Not its message: that quotes the file, and the file holds a secret.
      throw Failure.error("NotLoggedIn", file + " is not a JSON file");
    }
  }

  /** Where it was read from. */
  public Path file() {
    return file;
  }

  /** The base of the management plane, without a slash at its end. */
  public String managementEndpoint() {
    String own = json.path("managementEndpoint").asString("");
    return own.isEmpty() ? endpoint() : bare(own);
  }

  /** The base of the data plane, without a slash at its end. */
  String endpoint() {
    return bare(text("endpoint"));
  }

  private static String bare(String base) {
    return base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
  }

  /** The address of that path and query on the management plane. */
  public URI management(String pathAndQuery) {
    return URI.create(managementEndpoint() + pathAndQuery);
  }

  public String tenant() {
    return text("tenant");
  }

  public String clientId() {
    return text("clientId");
  }

  String clientSecret() {
    return text("clientSecret");
  }

  public String subscription() {
    return text("subscription");
  }

  private String text(String key) {
    @Nullable JsonNode value = json.get(key);
    if (value == null || !value.isString() || value.stringValue().isEmpty()) {
      throw Failure.error("NotLoggedIn", file + " has no text under '" + key + "'");
    }
    return value.stringValue();
  }
}
