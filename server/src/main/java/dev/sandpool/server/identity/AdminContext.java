package dev.sandpool.server.identity;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sandpool.model.Json;
import dev.sandpool.server.secret.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The content of {@code admin.json} (0600): with what the command line finds the server and logs
 * in. The one file with a secret in plain text.
 *
 * @param endpoint the data plane's URL; absent until the server served for the first time
 * @param managementEndpoint the URL of management and authority, absent where it is the same
 * @param subscription the subscription to use where none is named
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AdminContext(
    @Nullable String endpoint,
    @Nullable String managementEndpoint,
    String tenant,
    String clientId,
    String clientSecret,
    String subscription) {

  /** What is in that file, or nothing if the operator took it away. */
  public static Optional<AdminContext> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.MAPPER.readValue(Files.readAllBytes(file), AdminContext.class));
    } catch (JacksonException _) {
      // Without the cause: its message would quote the file, and so the secret.
      throw new IOException(file + " is not what this server wrote; remove it to go on without");
    }
  }

  /** Puts it there. */
  public void write(Path file) throws IOException {
    PrivateFile.write(file, Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
  }

  /** The same with the addresses of this run. */
  public AdminContext at(String endpoint, Optional<String> managementEndpoint) {
    return new AdminContext(
        endpoint,
        managementEndpoint.filter(other -> !other.equals(endpoint)).orElse(null),
        tenant,
        clientId,
        clientSecret,
        subscription);
  }

  @Override
  public String toString() {
    return "AdminContext[" + endpoint + "]"; // a record would print the secret
  }
}
