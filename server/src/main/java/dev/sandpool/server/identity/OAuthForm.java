package dev.sandpool.server.identity;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the fields of a token request; what is wrong becomes {@link Wrong}. */
final class OAuthForm {
  private static final String BASIC = "Basic ";
  private static final String ASSERTION_TYPE =
      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

  /** An id and the secret that goes with it. */
  record Client(String id, String secret) {
    @Override
    public String toString() {
      return "Client[" + id + "]"; // a record would print the secret
    }
  }

  /** A refusal on its way out of here. */
  static final class Wrong extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient TokenResponse.Refused refusal;

    Wrong(TokenResponse.Refused refusal) {
      super(refusal.error(), null, false, false);
      this.refusal = refusal;
    }

    TokenResponse.Refused refusal() {
      return refusal;
    }
  }

  private final TokenRequest request;

  OAuthForm(TokenRequest request) {
    this.request = request;
  }

  /**
   * The fields of an {@code application/x-www-form-urlencoded} body.
   *
   * @throws IllegalArgumentException if it is not one
   */
  static Map<String, List<String>> fields(String body) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    for (String pair : body.split("&")) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = decode(equals < 0 ? pair : pair.substring(0, equals));
        String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
        fields.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
      }
    }
    return fields;
  }

  /** That field; empty counts as absent, and twice is refused (RFC 6749 section 3.2). */
  Optional<String> field(String name) throws Wrong {
    List<String> values = request.form().getOrDefault(name, List.of());
    if (values.size() > 1) {
      throw new Wrong(TokenResponse.Refused.invalidRequest("'" + name + "' is there twice"));
    }
    return values.stream().filter(value -> !value.isEmpty()).findFirst();
  }

  /** A token that the client has signed itself (RFC 7523 section 2.2). */
  record Assertion(Optional<String> clientId, String token) {
    @Override
    public String toString() {
      return "Assertion[" + clientId + "]"; // a record would print it
    }
  }

  /** What the client has signed; nothing where it did not. */
  Optional<Assertion> assertion() throws Wrong {
    Optional<String> token = field("client_assertion");
    Optional<String> type = field("client_assertion_type");
    if (token.isEmpty() && type.isEmpty()) {
      return Optional.empty();
    }
    if (token.isEmpty() || !type.equals(Optional.of(ASSERTION_TYPE))) {
      throw new Wrong(
          TokenResponse.Refused.invalidRequest(
              "'client_assertion' and 'client_assertion_type' " + ASSERTION_TYPE + " go together"));
    }
    if (field("client_secret").isPresent() || request.authorization().isPresent()) {
      throw new Wrong(
          TokenResponse.Refused.invalidRequest("the client names itself in more than one way"));
    }
    return Optional.of(new Assertion(field("client_id"), token.get()));
  }

  /** Who the client says it is: in the body or by HTTP Basic, not both (RFC 6749 section 2.3). */
  Client client() throws Wrong {
    Optional<String> id = field("client_id");
    Optional<String> secret = field("client_secret");
    @Nullable String header = request.authorization().orElse(null);
    if (header == null) {
      return new Client(
          id.orElseThrow(() -> missing("client_id")),
          secret.orElseThrow(() -> missing("client_secret")));
    }
    Client basic = basic();
    if (secret.isPresent() || id.filter(other -> !other.equals(basic.id())).isPresent()) {
      throw new Wrong(
          TokenResponse.Refused.invalidRequest("the client names itself in header and body"));
    }
    return basic;
  }

  /** Who the client says it is by HTTP Basic. */
  Client basic() throws Wrong {
    String header = request.authorization().orElseThrow(() -> missing("Authorization"));
    try {
      if (header.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
        byte[] decoded = Base64.getDecoder().decode(header.substring(BASIC.length()).strip());
        String pair = new String(decoded, StandardCharsets.UTF_8);
        int colon = pair.indexOf(':');
        if (colon > 0) {
          return new Client(decode(pair.substring(0, colon)), decode(pair.substring(colon + 1)));
        }
      }
    } catch (IllegalArgumentException _) {
      // Falls through to the refusal below; the cause would quote the secret.
    }
    throw new Wrong(TokenResponse.Refused.invalidClient("'Authorization' is not HTTP Basic"));
  }

  private static Wrong missing(String field) {
    return new Wrong(TokenResponse.Refused.invalidClient("'" + field + "' is missing"));
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
