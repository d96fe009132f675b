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
  Map<String, ?> of(List<SessionView> all) {
    int begin = Math.min(skip, all.size());
    int end = Math.min(all.size(), begin + SIZE);
    Map<String, @Nullable Object> page = new LinkedHashMap<>();
    page.put("value", all.subList(begin, end).stream().map(SessionPages::show).toList());
    page.put("count", end - begin);
    page.put("nextLink", end < all.size() ? nextLink(end) : null);
    return page;
  }

  private String nextLink(int next) {
    String link = route.endpoint() + "/.management/listSessions?skip=" + next;
    return apiVersion == null ? link : link + "&api-version=" + apiVersion;
  }

  /** A session as its caller sees it. */
  static Map<String, ?> show(SessionView view) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("identifier", view.identifier());
    shown.put("etag", view.sandbox().value());
    shown.put("createdAt", view.createdAt().toString());
    shown.put("lastAccessedAt", view.lastAccessedAt().toString());
    shown.put("expiresAt", view.expiresAt().toString());
    return shown;
  }
}
