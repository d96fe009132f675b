package dev.sandpool.server.identity;

import dev.sandpool.server.role.Scope;
import dev.sandpool.server.secret.DataKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/** The parts of identity, put together over the files of one data directory. */
public final class Identity {
  /** Where things are kept. */
  public record Places(Path signingKey, Path principals, Path admin, Path registryRoot) {}

  private final Places places;
  private final Principals principals;
  private final SigningKeys keys;
  private final Authority authority;
  private final TokenVerifier verifier;
  private final Challenges challenges;
  private final Function<Map<String, Scope>, RegistryTokens> registryTokens;

  private Identity(
      Places places,
      Principals principals,
      SigningKeys keys,
      Authority authority,
      TokenVerifier verifier,
      Challenges challenges,
      Function<Map<String, Scope>, RegistryTokens> registryTokens) {
    this.principals = principals;
    this.keys = keys;
    this.places = places;
    this.authority = authority;
    this.verifier = verifier;
    this.challenges = challenges;
    this.registryTokens = registryTokens;
  }

  /**
   * Opens what is in the files; at first start makes the signing key, the tenant and its
   * administrator, whose credentials go into {@code admin.json}.
   *
   * @param base the URL of the authority, without a slash at its end; asked for only while serving
   */
  public static Identity open(
      Places places, DataKey key, TokenRules rules, Supplier<URI> base, InstantSource clock)
      throws IOException {
    SigningKeys signing = SigningKeys.loadOrCreate(places.signingKey(), key, rules.keyAge(), clock);
    Principals principals =
        Principals.loadOrCreate(
            places.principals(),
            key,
            clock,
            credentials -> admin(credentials).write(places.admin()));
    Issuer issuer = new Issuer(principals.tenant(), base);
    var parts = new RegistryTokens.Parts(issuer, signing, principals, rules);
    var signer = new RegistrySigner(places.registryRoot(), key, rules.keyAge(), clock);
    UsedAssertions used =
        UsedAssertions.open(
            places.principals().resolveSibling("used-assertions"),
            ClientAssertions.MOST_IN_USE,
            clock.instant());
    return new Identity(
        places,
        principals,
        signing,
        new Authority(issuer, signing, principals, rules, used, clock),
        new TokenVerifier(issuer, signing, principals, rules, clock),
        new Challenges(issuer),
        registries -> new RegistryTokens(parts, signer, registries, clock));
  }

  private static AdminContext admin(Principals.Credentials credentials) {
    return new AdminContext(
        null,
        null,
        credentials.tenant(),
        credentials.clientId(),
        credentials.clientSecret(),
        UUID.randomUUID().toString());
  }

  /**
   * Writes this run's addresses into {@code admin.json}, unless the operator took it away.
   *
   * @param endpoint the data plane's URL
   * @param management the URL of management and authority, where it is another
   */
  public void announce(String endpoint, Optional<String> management) throws IOException {
    Optional<AdminContext> context = AdminContext.read(places.admin());
    if (context.isPresent()) {
      context.get().at(endpoint, management).write(places.admin());
    }
  }

  /** The only tenant, a GUID. */
  public String tenant() {
    return principals.tenant();
  }

  /**
   * The subscription to use where none is named; empty once the operator took {@code admin.json}
   * away.
   */
  public Optional<String> subscription() {
    try {
      return AdminContext.read(places.admin()).map(AdminContext::subscription);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Who may log in. */
  public Principals principals() {
    return principals;
  }

  /** Has a new key sign from now on. */
  public void rotateSigningKey() {
    keys.rotate();
  }

  /** Issues tokens. */
  public Authority authority() {
    return authority;
  }

  /** Verifies them. */
  public TokenVerifier verifier() {
    return verifier;
  }

  /**
   * Lets principals and pools' identities into registries.
   *
   * @param registries by {@code service}, where roles for them are given
   */
  public RegistryTokens registryTokens(Map<String, Scope> registries) {
    return registryTokens.apply(registries);
  }

  /** Says no. */
  public Challenges challenges() {
    return challenges;
  }
}
