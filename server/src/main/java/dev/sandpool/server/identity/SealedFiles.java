package dev.sandpool.server.identity;

import dev.sandpool.model.Json;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.secret.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** The authority's files that a data key protects. */
public final class SealedFiles {
  private SealedFiles() {}

  /**
   * Protects them by another data key. A file that is, already, stays; one that is not there too.
   *
   * @throws IOException also if neither key opens a file
   */
  public static void rotate(Path signingKey, Path principals, DataKey before, DataKey after)
      throws IOException {
    rotate(signingKey, before, after);
    if (Files.exists(principals)) {
      var content = Json.MAPPER.readValue(Files.readAllBytes(principals), Principals.Content.class);
      String sealed = content.hashKey();
      byte[] known = sealed == null ? new byte[0] : Base64.getDecoder().decode(sealed);
      if (!opens(after, known)) {
        // Secrets are hashed and nobody knows them: what they were hashed with goes on, sealed.
        byte[] hashing = sealed == null ? before.hashing() : open(before, known, principals);
        String again = Base64.getEncoder().encodeToString(after.seal(hashing));
        var changed = new Principals.Content(content.tenant(), content.principals(), again);
        PrivateFile.write(
            principals, Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(changed));
      }
    }
  }

  /** The same of one that is sealed as a whole. */
  public static void rotate(Path file, DataKey before, DataKey after) throws IOException {
    if (Files.exists(file)) {
      byte[] sealed = Files.readAllBytes(file);
      if (!opens(after, sealed)) {
        PrivateFile.write(file, after.seal(open(before, sealed, file)));
      }
    }
  }

  private static boolean opens(DataKey key, byte[] sealed) {
    try {
      key.open(sealed);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static byte[] open(DataKey key, byte[] sealed, Path file) throws IOException {
    try {
      return key.open(sealed);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " cannot be opened with the data key: " + e.getMessage(), e);
    }
  }
}
