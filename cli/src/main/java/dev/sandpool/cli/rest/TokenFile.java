package dev.sandpool.cli.rest;

import dev.sandpool.cli.output.JsonText;
import dev.sandpool.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * One cached token, in a file of mode 0600 under a folder of mode 0700.
 *
 * <p>The cache only saves a request: whatever goes wrong with it, the command goes on without.
 */
final class TokenFile {
  private static final FileAttribute<?> FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path folder;
  private final Path file;
  private final String key;

  TokenFile(Path cacheFolder, String key) {
    this.folder = cacheFolder.resolve("tokens");
    this.file = folder.resolve(Integer.toHexString(key.hashCode()) + ".json");
    this.key = key;
  }

  /** The token, if it is of this key and good at that time in epoch seconds. */
  Tokens.@Nullable Token read(long goodAt) {
    try {
      JsonNode json = Json.MAPPER.readTree(Files.readAllBytes(file));
      // The name is a short hash: the key inside decides.
      long expires = json.path("expires").asLong(0);
      boolean usable = json.path("key").asString("").equals(key) && expires > goodAt;
      return usable ? new Tokens.Token(json.path("token").asString(""), expires) : null;
    } catch (IOException | JacksonException e) {
      return null;
    }
  }

  void write(Tokens.Token token) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("key", key).put("expires", token.expires()).put("token", token.text());
    try {
      Files.createDirectories(folder, FOLDER);
      // createTempFile makes it 0600; the move lets a reader see all of it or nothing.
      Path fresh = Files.createTempFile(folder, "token", ".tmp");
      Files.writeString(fresh, JsonText.compact(json));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException | UnsupportedOperationException e) {
      delete();
    }
  }

  void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // Then the next command finds a token that the server refuses, and forgets it again.
      return;
    }
  }
}
