package dev.sandpool.server.config;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * One of {@code identity.issuers}: somebody else whose tokens are accepted.
 *
 * @param issuer the {@code iss} of its tokens, under which its discovery document is found
 * @param keys where its keys are; empty: where the discovery document says
 * @param dataAudiences what tokens for sessions are for
 * @param managementAudiences what tokens for management are for
 * @param tenant what the claim {@code tid} must be; empty: anything
 * @param rawIds whether GUIDs in its claims are object ids as they are
 */
public record IssuerSettings(
    URI issuer,
    Optional<URI> keys,
    List<String> dataAudiences,
    List<String> managementAudiences,
    List<String> algorithms,
    String principalClaim,
    String groupsClaim,
    Optional<String> tenant,
    boolean rawIds) {
  private static final URI NONE = URI.create("https://none.invalid");

  public IssuerSettings {
    dataAudiences = List.copyOf(dataAudiences);
    managementAudiences = List.copyOf(managementAudiences);
    algorithms = List.copyOf(algorithms);
  }

  static IssuerSettings read(Section section) {
    Optional<URI> issuer = section.optional("issuer", "required", Form.origin());
    Optional<URI> keys = section.optional("keys", "as its discovery document says", Form.origin());
    boolean plain = section.value("plainHttp", "false", Form.yesOrNo());
    refusePlain(section, "issuer", issuer, plain);
    refusePlain(section, "keys", keys, plain);
    List<String> data = section.list("dataAudiences", "no tokens for sessions", Form.text());
    List<String> management =
        section.list("managementAudiences", "no tokens for management", Form.text());
    List<String> algorithms =
        section.list(
            "algorithms",
            "RS256",
            Form.oneOf("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"));
    if (issuer.isEmpty()) {
      section.refuse("issuer", "is required: the 'iss' of its tokens");
    }
    if (data.isEmpty() && management.isEmpty()) {
      section.refuse("dataAudiences", "this or managementAudiences is required");
    }
    if (data.stream().anyMatch(management::contains)) {
      section.refuse("managementAudiences", "a token must not open both planes");
    }
    return new IssuerSettings(
        issuer.orElse(NONE),
        keys,
        data,
        management,
        algorithms.isEmpty() ? List.of("RS256") : algorithms,
        section.value("principalClaim", "sub", Form.text()),
        section.value("groupsClaim", "groups", Form.text()),
        section.optional("tenant", "any", Form.text()),
        section.value("rawIds", "false", Form.yesOrNo()));
  }

  /** Whoever is on the way could put keys of his own in place of the issuer's. */
  private static void refusePlain(
      Section section, String key, Optional<URI> address, boolean allowed) {
    boolean plain =
        address
            .filter(uri -> "http".equals(uri.getScheme()))
            .filter(uri -> !Form.isLoopback(uri.getHost()))
            .isPresent();
    if (plain && !allowed) {
      section.refuse(
          key,
          "'"
              + address.orElseThrow()
              + "' is fetched without TLS from another host; use https://, or say plainHttp: true");
    }
  }
}
