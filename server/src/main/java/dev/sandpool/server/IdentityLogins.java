package dev.sandpool.server;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.image.ImageException;
import dev.sandpool.server.image.ImageException.Cause;
import dev.sandpool.server.image.PullRequest;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.management.PoolIdentities;
import dev.sandpool.server.pool.RegistryLogins;
import dev.sandpool.server.workload.Grant;
import dev.sandpool.server.workload.RegistryExchange;
import dev.sandpool.server.workload.TokenSource;
import java.util.Locale;

/** The keeper's question for a registry's login, put to who has the pools' identities. */
record IdentityLogins(Ledger ledger, RegistryExchange exchange) implements RegistryLogins {
  @Override
  public PullRequest.RegistryLogin login(PoolId pool, String image, String server, String identity)
      throws ImageException {
    Grant grant =
        ledger
            .pool(pool)
            .map(PoolRecord::resourceId)
            .flatMap(id -> new PoolIdentities(ledger).find(id, identity))
            .orElseThrow(
                () ->
                    new ImageException(
                        Cause.UNAUTHORIZED,
                        "image %s: the pool has no identity '%s'; give it one, or another login"
                            .formatted(image, identity)));
    try {
      RegistryExchange.Login login = exchange.login(grant, bare(server));
      return new PullRequest.RegistryLogin(server, login.username(), login.password());
    } catch (TokenSource.Refusal e) {
      throw new ImageException(
          e.passing() ? Cause.REGISTRY_UNREACHABLE : Cause.UNAUTHORIZED,
          "image " + image + ": " + e.getMessage(),
          e);
    }
  }

  /** People write it as a URL too. */
  private static String bare(String server) {
    return server
        .strip()
        .replaceFirst("^[A-Za-z]+://", "")
        .replaceFirst("/.*$", "")
        .toLowerCase(Locale.ROOT);
  }
}
