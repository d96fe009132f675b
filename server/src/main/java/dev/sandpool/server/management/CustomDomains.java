package dev.sandpool.server.management;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Which hosts pools may be given as their own. All requests to such a host go to the pool, so that
 * the operator says which there are, and none may be a host of the server itself.
 *
 * @param offered names in lower case, or {@code *.DOMAIN} for every name directly below it
 * @param own the host of the server's public URL as it was written, in whatever case; empty where
 *     none is configured
 * @param poolDomain below which pools have names already, empty where there is none
 */
public record CustomDomains(
    List<String> offered, Optional<String> own, Optional<String> poolDomain) {
  /** Where the operator offers none. */
  static final CustomDomains NONE =
      new CustomDomains(List.of(), Optional.empty(), Optional.empty());

  private static final int MOST = 20;
  private static final String CODE = "CustomDomainNotAvailable";
  private static final Pattern HOST =
      Pattern.compile(
          "(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

  static List<String> of(JsonNode given) {
    List<String> hosts = new ArrayList<>();
    given.forEach(host -> hosts.add(host.asString("")));
    return List.copyOf(hosts);
  }

  /**
   * @param taken what other pools have
   */
  void check(JsonNode given, Set<String> taken, Faults faults) {
    String target = "properties." + SettingsResource.CUSTOM_DOMAINS;
    if (given.size() > MOST) {
      faults.add(target, "has %d entries; at most %d are accepted.".formatted(given.size(), MOST));
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < given.size(); i++) {
      String host = given.get(i).asString("");
      String at = target + "[" + i + "]";
      if (!HOST.matcher(host).matches()) {
        faults.add(at, "'%s' is not a host name in lower case.".formatted(host));
      } else if (!seen.add(host)) {
        faults.add(at, "'%s' is there twice.".formatted(host));
      } else {
        String why = refusal(host, taken);
        if (why != null) {
          faults.add(CODE, at, "'%s' %s".formatted(host, why));
        }
      }
    }
  }

  /** Null where the pool may have it. */
  private @Nullable String refusal(String host, Set<String> taken) {
    if (own.filter(host::equalsIgnoreCase).isPresent()) {
      return "is the server's own host.";
    }
    if (poolDomain.filter(it -> host.equals(it) || host.endsWith("." + it)).isPresent()) {
      return "is below the domain in which pools have their names.";
    }
    if (offered.stream().noneMatch(it -> covers(it, host))) {
      return offered.isEmpty()
          ? "is not offered: the operator of this server offers no hosts (server.customDomains)."
          : "is not among the hosts that the operator of this server offers: %s."
              .formatted(String.join(", ", offered));
    }
    return taken.contains(host) ? "is another pool's." : null;
  }

  private static boolean covers(String offer, String host) {
    if (!offer.startsWith("*")) {
      return offer.equals(host);
    }
    String suffix = offer.substring(1);
    return host.endsWith(suffix) && host.indexOf('.') == host.length() - suffix.length();
  }
}
