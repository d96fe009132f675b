package dev.sandpool.server;

import dev.sandpool.server.config.IdentitySettings;
import dev.sandpool.server.config.ServerConfig;
import dev.sandpool.server.identity.AuthorityEndpoints;
import dev.sandpool.server.identity.Identity;
import dev.sandpool.server.identity.RegistryEndpoints;
import dev.sandpool.server.identity.RegistryTokens;
import dev.sandpool.server.identity.TokenDesk;
import dev.sandpool.server.identity.TokenRules;
import dev.sandpool.server.image.Registries;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.management.Mount;
import dev.sandpool.server.management.PoolIdentities;
import dev.sandpool.server.pool.IdentityDoors;
import dev.sandpool.server.role.Roles;
import dev.sandpool.server.role.Scope;
import dev.sandpool.server.time.Time;
import dev.sandpool.server.workload.Doors;
import dev.sandpool.server.workload.ExchangedTokens;
import dev.sandpool.server.workload.OwnTokens;
import dev.sandpool.server.workload.RegistryExchange;
import dev.sandpool.server.workload.TokenSource;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a server is made of that says who callers, pools and registries are. */
final class IdentityParts {
  private static final Logger log = LoggerFactory.getLogger(IdentityParts.class);

  private final IdentitySettings config;
  private final DataDirectory directory;
  private final Time time;
  private final Parts parts;
  private final Identity identity;
  private final TokenSource tokens;
  private final RegistryTokens registryTokens;

  /**
   * @param parts takes over what must be closed
   */
  IdentityParts(
      ServerConfig config, DataDirectory directory, Endpoints endpoints, Time time, Parts parts)
      throws IOException {
    this.config = config.identity();
    this.directory = directory;
    this.time = time;
    this.parts = parts;
    var places =
        new Identity.Places(
            directory.signingKey(),
            directory.principals(),
            directory.admin(),
            directory.registryRoot());
    this.identity =
        Identity.open(
            places,
            directory.key(),
            TokenRules.of(config.identity(), config.run().dev()),
            endpoints::management,
            time::now);
    this.tokens = tokensOfPools();
    this.registryTokens = identity.registryTokens(registries());
  }

  Identity identity() {
    return identity;
  }

  private TokenSource tokensOfPools() {
    TokenSource own = new OwnTokens(identity.authority(), time::now);
    IdentitySettings.Exchange exchange = config.exchange().orElse(null);
    if (exchange == null) {
      return own;
    }
    var asked =
        new ExchangedTokens.Settings(
            exchange.tokenEndpoint(), exchange.audience(), exchange.clients());
    return parts.closing("token exchange", new ExchangedTokens(asked, own, time::now));
  }

  /** Where roles for each registry are given whose token server this is. */
  private Map<String, Scope> registries() {
    return config.registries().stream()
        .collect(
            Collectors.toMap(
                IdentitySettings.Registry::service,
                registry -> Scope.of(registry.scope().equals("/") ? "" : registry.scope())));
  }

  /** Where code in sandboxes asks for tokens of its pool's identities. */
  IdentityDoors doors(Ledger ledger) {
    if (!Doors.possible()) {
      log.warn("without epoll no sandbox can ask for tokens: pools with an identity do not start");
      return IdentityDoors.none();
    }
    var names = new SessionNames(directory.key());
    return parts.closing(
        "identity endpoints", new Doors(new PoolIdentities(ledger), tokens, names::door, time));
  }

  /** How images are pulled by a pool's identity. */
  IdentityLogins logins(Ledger ledger, Registries registries) {
    var asked = new RegistryExchange.Settings(registries::plain, registries.certificates());
    return new IdentityLogins(
        ledger, new RegistryExchange(asked, tokens, registryTokens, identity.tenant()));
  }

  /** The authority's paths on the management plane. */
  List<Mount> mounts(Roles roles, Ledger ledger, TokenDesk desk) {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    parts.closing("authority", threads::shutdownNow);
    var standing = new RegistryTokens.Standing(roles::of, new PoolIdentities(ledger)::lives);
    return List.of(
        new Mount(
            request -> request.path() != null && AuthorityEndpoints.handles(request.path()),
            new AuthorityEndpoints(identity.authority(), threads, desk)),
        new Mount(
            request -> request.path() != null && RegistryEndpoints.handles(request.path()),
            new RegistryEndpoints(registryTokens, standing, threads, desk)));
  }
}
