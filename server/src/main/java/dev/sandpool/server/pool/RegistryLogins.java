package dev.sandpool.server.pool;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.image.ImageException;
import dev.sandpool.server.image.PullRequest;

/** Logins at registries of the identities that pull pools' images. */
@FunctionalInterface
public interface RegistryLogins {
  /**
   * A login that is good for a pull that begins now. May block.
   *
   * @param image what is to be pulled, for the message of a failure
   * @param server the registry, {@code host[:port]}
   * @param identity {@code system} or a resource id
   * @throws ImageException if there is none
   */
  PullRequest.RegistryLogin login(PoolId pool, String image, String server, String identity)
      throws ImageException;

  /** Where no identity has one. */
  static RegistryLogins none() {
    return (pool, image, server, identity) -> {
      throw new ImageException(
          ImageException.Cause.UNAUTHORIZED, "image " + image + ": no identity can pull it here");
    };
  }
}
