package dev.sandpool.server.image;

import dev.sandpool.model.Json;
import dev.sandpool.server.image.PullRequest.RegistryLogin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file (0600) that gives credentials to skopeo, and is gone when closed. It exists for pulls
 * without a login too: skopeo would use the host's own credentials otherwise.
 */
final class AuthFile implements AutoCloseable {
  private final Path path;

  AuthFile(Path directory, @Nullable RegistryLogin login) throws IOException {
    path =
        Files.createTempFile(
            directory,
            "auth",
            ".json",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.write(path, Json.MAPPER.writeValueAsBytes(Map.of("auths", auths(login))));
    } catch (IOException e) {
      Files.deleteIfExists(path);
      throw e;
    }
  }

  private static Map<String, Map<String, String>> auths(@Nullable RegistryLogin login) {
    if (login == null) {
      return Map.of();
    }
    byte[] pair = (login.username() + ":" + login.password()).getBytes(StandardCharsets.UTF_8);
    return Map.of(server(login), Map.of("auth", Base64.getEncoder().encodeToString(pair)));
  }

  /** The server as references name it: people write it as a URL too. */
  private static String server(RegistryLogin login) {
    String server =
        login.server().strip().replaceFirst("^[A-Za-z]+://", "").replaceFirst("/.*$", "");
    server = server.toLowerCase(Locale.ROOT);
    return server.equals("index.docker.io") ? "docker.io" : server;
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(path);
  }
}
