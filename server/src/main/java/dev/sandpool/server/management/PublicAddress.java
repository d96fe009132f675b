package dev.sandpool.server.management;

import dev.sandpool.model.ResourceId;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where callers reach this server: every URL that we hand out is made here, from configuration and
 * never from a request's Host header.
 *
 * @param management base of management URLs; asked late, since a port 0 is known only when bound
 * @param dataPlane base of pool endpoints
 * @param domain public domain below which environments have theirs; null shows endpoints by path
 */
public record PublicAddress(
    Supplier<URI> management, Supplier<URI> dataPlane, @Nullable String domain) {
  private static final String LOCAL_DOMAIN = "sandpool.localhost";

  /** One address for both planes. */
  public static PublicAddress of(Supplier<URI> both, @Nullable String domain) {
    return new PublicAddress(both, both, domain);
  }

  /** The domain that environments get theirs below. */
  String environmentDomain() {
    return Optional.ofNullable(domain).orElse(LOCAL_DOMAIN).toLowerCase(Locale.ROOT);
  }

  /** {@code poolManagementEndpoint}: by host where there is a public domain, else by path. */
  String poolEndpoint(ResourceId pool, String defaultDomain) {
    URI base = dataPlane.get();
    if (domain == null || defaultDomain.isEmpty()) {
      return without(base)
          + "/subscriptions/"
          + pool.subscription()
          + "/resourceGroups/"
          + pool.group()
          + "/sessionPools/"
          + pool.name();
    }
    String port = base.getPort() < 0 ? "" : ":" + base.getPort();
    return base.getScheme() + "://" + pool.name() + "." + defaultDomain + port;
  }

  /**
   * Where an operation's progress is read.
   *
   * @param kind the path segment, {@code operationStatuses} or {@code operationResults}
   */
  String operation(ResourceId of, String location, String kind, String id, ApiVersion version) {
    return without(management.get())
        + operationPath(of.subscription(), location, kind, id)
        + "?api-version="
        + version.value();
  }

  /** Where the progress of a resource group's deletion is read. */
  String subscriptionOperation(Call call, String id) {
    return without(management.get())
        + "/subscriptions/"
        + call.subscription()
        + "/operationresults/"
        + id
        + "?api-version="
        + call.queried("api-version").filter(ApiVersion::hasForm).orElse(ApiVersion.NEWEST);
  }

  /** Base of management URLs, without a slash at its end. */
  String managementBase() {
    return without(management.get());
  }

  /** The page of a list that comes after this call's. */
  String nextPage(Call call, String skipToken) {
    return without(management.get())
        + call.path()
        + "?api-version="
        + call.version().value()
        + "&$skipToken="
        + skipToken;
  }

  static String operationPath(String subscription, String location, String kind, String id) {
    return "/subscriptions/"
        + subscription
        + "/providers/Microsoft.App/locations/"
        + Locations.normal(location)
        + "/"
        + kind
        + "/"
        + id;
  }

  private static String without(URI base) {
    String text = base.toString();
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }
}
