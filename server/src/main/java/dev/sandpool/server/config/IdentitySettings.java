package dev.sandpool.server.config;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * {@code identity}: tokens.
 *
 * @param tokenLifetime how long a token of the built-in authority is good
 * @param signingKeyAge after which the built-in authority signs with another key
 * @param clockSkew how far the clocks of issuer and server may differ
 * @param issuers others whose tokens are accepted
 * @param exchange where tokens of pools' identities are exchanged; absent: the built-in authority's
 *     are what containers get
 * @param failedTokensPerMinute how many bad tokens and secrets from one address are examined
 * @param registries container registries whose token server the built-in authority is
 */
public record IdentitySettings(
    Duration tokenLifetime,
    Duration signingKeyAge,
    Duration clockSkew,
    List<IssuerSettings> issuers,
    Optional<Exchange> exchange,
    int failedTokensPerMinute,
    List<Registry> registries) {
  public IdentitySettings {
    issuers = List.copyOf(issuers);
    registries = List.copyOf(registries);
  }

  /**
   * {@code identity.exchange}: another authority, which trusts the built-in one.
   *
   * @param tokenEndpoint where it is asked
   * @param audience of the token that it is shown
   * @param clients by principal id, the client id by which it knows an identity
   */
  public record Exchange(URI tokenEndpoint, String audience, Map<String, String> clients) {
    private static Optional<Exchange> read(Section section) {
      Optional<URI> endpoint =
          section.optional(
              "tokenEndpoint", "containers get the built-in authority's tokens", Form.secureUrl());
      String audience =
          section.value("audience", "api://AzureADTokenExchange", Form.word("an audience"));
      Map<String, String> clients = new LinkedHashMap<>();
      section
          .list("clients", "each identity goes by its own client id", Form.idPair())
          .forEach(
              pair -> {
                String[] ids = pair.split("=", 2);
                clients.put(ids[0].toLowerCase(Locale.ROOT), ids[1]);
              });
      return endpoint.map(url -> new Exchange(url, audience, clients));
    }
  }

  /**
   * One of {@code identity.registries}.
   *
   * @param service the registry's name for itself
   * @param scope where roles for it are given
   */
  public record Registry(String service, String scope) {
    private static Registry read(Section section) {
      Optional<String> service =
          section.optional("service", "required", Form.word("the registry's name for itself"));
      if (service.isEmpty()) {
        section.refuse("service", "is required: what the registry's auth.token.service says");
      }
      return new Registry(service.orElse(""), section.value("scope", "/", Form.scope()));
    }
  }

  static IdentitySettings read(Section section) {
    return new IdentitySettings(
        section.value("tokenLifetime", "1h", Form.duration("1m", "1d")),
        section.value("signingKeyAge", "90d", Form.duration("1h", "3650d")),
        section.value("clockSkew", "60s", Form.duration("0s", "5m")),
        section.sections("issuers", IssuerSettings::read),
        Exchange.read(section.section("exchange")),
        section.value("failedTokensPerMinute", "600", Form.integer(1, 1_000_000)),
        section.sections("registries", Registry::read));
  }
}
