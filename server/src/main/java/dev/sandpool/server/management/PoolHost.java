package dev.sandpool.server.management;

import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import java.util.Locale;
import java.util.Optional;

/** The host name of a pool, {@code POOL.ENV-DOMAIN}: below the domain that its environment has. */
public final class PoolHost {
  private PoolHost() {}

  /** That of a pool, in lower case; empty if its environment has no domain. */
  public static Optional<String> of(Ledger ledger, PoolRecord pool) {
    return domain(ledger, pool.environmentId())
        .map(domain -> (pool.name() + "." + domain).toLowerCase(Locale.ROOT));
  }

  static Optional<String> domain(Ledger ledger, String environmentId) {
    return ledger
        .resource(environmentId)
        .map(Documents::parse)
        .flatMap(document -> Fields.text(document, EnvironmentView.DOMAIN))
        .filter(domain -> !domain.isEmpty());
  }
}
