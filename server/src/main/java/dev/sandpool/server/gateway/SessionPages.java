package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.session.SessionView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One page of a pool's sessions (contract 2.5): at most 300, the oldest first, with the URL of the
 * next.
 *
 * @param skip how many sessions come before it
 */
record SessionPages(PoolRoute route, int skip, @Nullable String apiVersion) {
  private static final int SIZE = 300;

  /**
   * The page that a query asks for.
   *
   * @throws ArmException 400 if {@code skip} is not a number of sessions
   */
  static SessionPages of(PoolRoute route, String target) {
    String skip = parameter(target, "skip");
    return new SessionPages(route, skip == null ? 0 : number(skip), version(target));
  }

  private static @Nullable String parameter(String target, String name) {
    int query = target.indexOf('?');
    for (String pair : query < 0 ? new String[0] : target.substring(query + 1).split("&", -1)) {
      if (pair.startsWith(name + "=")) {
        return pair.substring(name.length() + 1);
      }
    }
    return null;
  }

  private static int number(String skip) {
    boolean digits = !skip.isEmpty() && skip.length() <= 9;
    for (int i = 0; i < skip.length(); i++) {
      digits &= skip.charAt(i) >= '0' && skip.charAt(i) <= '9';
    }
    if (!digits) {
      throw new ArmException(
          400, "InvalidSkip", "The query parameter 'skip' must be 0 to 999999999.");
    }
    return Integer.parseInt(skip);
  }

  /** Goes into a URL that we hand out, so only what looks like one is repeated. */
  private static @Nullable String version(String target) {
    String version = parameter(target, "api-version");
    if (version == null || version.length() > 32) {
      return null;
    }
    boolean plain =
        version.chars().allMatch(c -> c == '-' || c == '.' || Character.isLetterOrDigit(c));
    return plain ? version : null;
  }

  /** The page's sessions out of all. */
  Map<String, ?> of(List<SessionView> all, SessionHosts hosts) {
    List<SessionView> shown = cut(all);
    Map<String, @Nullable Object> page = new LinkedHashMap<>();
    page.put("value", shown.stream().map(view -> show(view, route, hosts)).toList());
    page.put("count", shown.size());
    page.put("nextLink", next(all, "/.management/listSessions"));
    return page;
  }

  List<SessionView> cut(List<SessionView> all) {
    return all.subList(Math.min(skip, all.size()), end(all));
  }

  private int end(List<SessionView> all) {
    return Math.min(all.size(), Math.min(skip, all.size()) + SIZE);
  }

  /**
   * The URL of the page after this, if there is one.
   *
   * @param path of the list, below the pool's endpoint
   */
  @Nullable String next(List<SessionView> all, String path) {
    int end = end(all);
    if (end >= all.size()) {
      return null;
    }
    String link = route.endpoint() + path + "?skip=" + end;
    return apiVersion == null ? link : link + "&api-version=" + apiVersion;
  }

  /** A session as its caller sees it. */
  static Map<String, ?> show(SessionView view, PoolRoute route, SessionHosts hosts) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("identifier", view.identifier());
    shown.put("etag", view.sandbox().value());
    shown.put("createdAt", view.createdAt().toString());
    shown.put("lastAccessedAt", view.lastAccessedAt().toString());
    shown.put("expiresAt", view.expiresAt().toString());
    shown.put("requestsInFlight", view.use().requests());
    shown.put("upgradedConnections", view.use().upgraded());
    shown.put("aliveBecause", view.use().aliveBecause());
    String origin = hosts.origin(route, view.identifier());
    if (origin != null) {
      shown.put("origin", origin);
    }
    return shown;
  }
}
