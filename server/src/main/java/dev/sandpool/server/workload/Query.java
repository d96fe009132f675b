package dev.sandpool.server.workload;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The query of a request for a token. */
record Query(Map<String, List<String>> parameters) {
  /** It cannot be answered, with the reason. */
  static final class Wrong extends Exception {
    private static final long serialVersionUID = 1L;

    Wrong(String message) {
      super(message);
    }
  }

  /** The value of that parameter; empty counts as absent. */
  Optional<String> one(String name) throws Wrong {
    List<String> values = parameters.getOrDefault(name, List.of());
    if (values.size() > 1) {
      throw new Wrong("'" + name + "' is there twice");
    }
    return values.stream().filter(value -> !value.isEmpty()).findFirst();
  }

  /**
   * The identity that is asked for: by client id, by principal id ({@code object_id} is the same),
   * by resource id, or the pool's own.
   */
  Grant choose(List<Grant> grants) throws Wrong {
    Optional<String> client = one("client_id");
    Optional<String> principal = alternative("principal_id", "object_id");
    Optional<String> resource = alternative("mi_res_id", "msi_res_id");
    long given = List.of(client, principal, resource).stream().filter(Optional::isPresent).count();
    if (given > 1) {
      throw new Wrong("only one of 'client_id', 'principal_id' and 'mi_res_id' can be given");
    }
    return grants.stream()
        .filter(
            grant ->
                given == 0
                    ? grant.system()
                    : client.filter(grant.clientId()::equalsIgnoreCase).isPresent()
                        || principal.filter(grant.principalId()::equalsIgnoreCase).isPresent()
                        || resource.filter(grant.resourceId()::equalsIgnoreCase).isPresent())
        .findFirst()
        .orElseThrow(
            () ->
                new Wrong(
                    given == 0
                        ? "the pool has no identity of its own with lifecycle Main; name a"
                            + " user-assigned one with 'client_id'"
                        : "No managed identity found for the specified client, principal or"
                            + " resource id"));
  }

  private Optional<String> alternative(String name, String other) throws Wrong {
    Optional<String> first = one(name);
    Optional<String> second = one(other);
    if (first.isPresent() && second.isPresent()) {
      throw new Wrong("'" + name + "' and '" + other + "' are the same");
    }
    return first.or(() -> second);
  }
}
