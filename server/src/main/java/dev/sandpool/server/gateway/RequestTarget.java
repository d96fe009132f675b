package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;

/** The request target as it stands in the request line. */
final class RequestTarget {
  private static final String SCHEME_END = "://";

  private RequestTarget() {}

  /**
   * The target in origin form: an absolute one (RFC 9112, 3.2.2) without its scheme and authority,
   * any other as it is.
   *
   * @throws ArmException 400 if an absolute one names another host than {@code Host} does: one of
   *     the two would be believed here and the other by the application
   */
  static String originForm(String target, CharSequence host) {
    if (target.startsWith("/")) {
      return target;
    }
    int authority = authority(target);
    if (authority < 0) {
      return target;
    }
    int end = authority;
    while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
      end++;
    }
    if (!target.substring(authority, end).equalsIgnoreCase(host.toString())) {
      throw new ArmException(
          400, "InvalidRequestTarget", "The request target and 'Host' name different hosts.");
    }
    String rest = target.substring(end);
    return rest.startsWith("/") ? rest : "/" + rest;
  }

  private static int authority(String target) {
    for (String scheme : new String[] {"http", "https"}) {
      String prefix = scheme + SCHEME_END;
      if (target.regionMatches(true, 0, prefix, 0, prefix.length())) {
        return prefix.length();
      }
    }
    return -1;
  }
}
