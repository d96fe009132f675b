package dev.sandpool.server.gateway;

import org.jspecify.annotations.Nullable;

/**
 * The path form of a pool: {@code /subscriptions/S/resourceGroups/RG/sessionPools/POOL} and what
 * follows. Only these names are read; what follows is the application's and stays as it was sent.
 *
 * @param end where in the target the application's own part begins
 */
record RequestPath(String subscription, String resourceGroup, String pool, int end) {
  private static final String SUBSCRIPTIONS = "/subscriptions/";
  private static final String GROUPS = "/resourceGroups/";
  private static final String POOLS = "/sessionPools/";
  private static final String MANAGEMENT = "/.management/";

  /** The pool that a raw request target names, or null if it is not of this form. */
  static @Nullable RequestPath parse(String target) {
    if (!target.regionMatches(true, 0, SUBSCRIPTIONS, 0, SUBSCRIPTIONS.length())) {
      return null;
    }
    int query = target.indexOf('?');
    int limit = query < 0 ? target.length() : query;
    int subscription = SUBSCRIPTIONS.length();
    int subscriptionEnd = target.indexOf('/', subscription, limit);
    int group = after(target, subscriptionEnd, GROUPS, limit);
    if (group < 0) {
      return null;
    }
    int groupEnd = target.indexOf('/', group, limit);
    int pool = after(target, groupEnd, POOLS, limit);
    if (pool < 0) {
      return null;
    }
    int slash = target.indexOf('/', pool, limit);
    int end = slash < 0 ? limit : slash;
    return of(
        name(target, subscription, subscriptionEnd),
        name(target, group, groupEnd),
        name(target, pool, end),
        end);
  }

  /**
   * Whether that is what another target names, too.
   *
   * @param prefix the beginning of the target that this was found in, up to {@code end}
   */
  boolean isThatOf(String target, String prefix) {
    boolean ends =
        target.length() == end
            || (target.length() > end && (target.charAt(end) == '/' || target.charAt(end) == '?'));
    return ends && target.startsWith(prefix);
  }

  private static @Nullable RequestPath of(
      @Nullable String subscription, @Nullable String group, @Nullable String pool, int end) {
    return subscription == null || group == null || pool == null
        ? null
        : new RequestPath(subscription, group, pool, end);
  }

  private static int after(String target, int at, String segment, int limit) {
    boolean there =
        at >= 0
            && at + segment.length() <= limit
            && target.regionMatches(true, at, segment, 0, segment.length());
    return there ? at + segment.length() : -1;
  }

  private static @Nullable String name(String target, int begin, int end) {
    if (begin >= end) {
      return null;
    }
    String decoded = PercentEncoding.decode(target.substring(begin, end));
    return decoded == null || decoded.indexOf('/') >= 0 ? null : decoded;
  }

  /** What the sandbox is asked for: everything from {@code end} on, with at least a slash. */
  static String rest(String target, int end) {
    if (end == 0) {
      return target;
    }
    String rest = target.substring(end);
    return rest.isEmpty() || rest.charAt(0) == '?' ? "/" + rest : rest;
  }

  /** Whether that part is ours: the only one under a pool. */
  static boolean isManagement(String rest) {
    return rest.startsWith(MANAGEMENT);
  }

  /** The operation of a management path, without its query. */
  static String operation(String rest) {
    int query = rest.indexOf('?');
    return rest.substring(MANAGEMENT.length(), query < 0 ? rest.length() : query);
  }

  /**
   * Whether a target may be sent on: it begins with a slash and holds neither space nor control
   * characters, which would let it end the request line early.
   */
  static boolean isForwardable(String target) {
    if (target.isEmpty() || target.charAt(0) != '/') {
      return false;
    }
    for (int i = 1; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c == 0x7f || c > 0xff) {
        return false;
      }
    }
    return true;
  }
}
