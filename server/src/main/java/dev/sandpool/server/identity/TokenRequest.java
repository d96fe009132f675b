package dev.sandpool.server.identity;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request to the token endpoint (RFC 6749 section 3.2).
 *
 * @param tenant out of the path
 * @param form all form fields with all their values
 * @param authorization the header of that name
 */
public record TokenRequest(
    String tenant, Map<String, List<String>> form, Optional<String> authorization) {
  public TokenRequest {
    form = Map.copyOf(form);
  }

  @Override
  public String toString() {
    return "TokenRequest[" + form.keySet() + "]"; // a record would print the secret
  }
}
