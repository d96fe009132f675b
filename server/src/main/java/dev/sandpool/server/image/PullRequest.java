package dev.sandpool.server.image;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which image to bring, and with what.
 *
 * @param image the reference as the operator wrote it, {@code host:port/name:tag}
 * @param digest wanted whatever the tag says today; null resolves the tag
 * @param login null pulls without credentials
 */
public record PullRequest(String image, @Nullable String digest, @Nullable RegistryLogin login) {
  /** The digest where one is wanted. */
  public Optional<String> wantedDigest() {
    return Optional.ofNullable(digest);
  }

  /** Credentials of a registry; {@link #toString} keeps the password. */
  public record RegistryLogin(String server, String username, String password) {
    @Override
    public String toString() {
      return "RegistryLogin[" + username + "@" + server + "]";
    }
  }
}
