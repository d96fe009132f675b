package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import org.jspecify.annotations.Nullable;

/**
 * The {@code identifier} query parameter (contract 2.3): exactly one of that exact name, percent-
 * decoded once, 4 to 128 visible ASCII characters without the backslash, case-sensitive.
 *
 * <p>A plus sign is a plus sign: the documented set holds {@code +} and no space, so reading it as
 * a space, as forms do, could only refuse what is allowed. Names are decoded before they are
 * compared, or {@code %69dentifier} would show the application another identifier than it shows us.
 */
final class SessionIdentifier {
  private static final String NAME = "identifier";
  private static final int SHORTEST = 4;
  private static final int LONGEST = 128;

  private SessionIdentifier() {}

  /**
   * The identifier in a request target.
   *
   * @throws ArmException 400 with the code that says which rule was broken
   */
  static String require(String target) {
    int query = target.indexOf('?');
    String found = query < 0 ? null : find(target, query + 1);
    if (found == null) {
      throw new ArmException(
          400, "MissingSessionIdentifier", "The query parameter 'identifier' is required.");
    }
    return check(found);
  }

  /**
   * The identifier in a request target or, for clients that cannot have a query (gRPC), in that
   * header.
   *
   * @throws ArmException 400, also if it stands in both
   */
  static String require(String target, @Nullable String header) {
    if (header == null) {
      return require(target);
    }
    int query = target.indexOf('?');
    if (query >= 0 && find(target, query + 1) != null) {
      throw new ArmException(
          400,
          "DuplicateSessionIdentifier",
          "The identifier stands in the query and in the header 'sandpool-identifier'.");
    }
    return check(header);
  }

  /** Whether a request target has one at all. */
  static boolean isGiven(String target) {
    int query = target.indexOf('?');
    return query >= 0 && find(target, query + 1) != null;
  }

  private static @Nullable String find(String target, int from) {
    String found = null;
    int length = target.length();
    int begin = from;
    while (begin < length) {
      int end = target.indexOf('&', begin);
      end = end < 0 ? length : end;
      int equals = target.indexOf('=', begin, end);
      int nameEnd = equals < 0 ? end : equals;
      if (isIdentifier(target, begin, nameEnd)) {
        if (found != null) {
          throw new ArmException(
              400,
              "DuplicateSessionIdentifier",
              "The query parameter 'identifier' stands more than once.");
        }
        found = equals < 0 ? "" : decode(target.substring(equals + 1, end));
      }
      begin = end + 1;
    }
    return found;
  }

  private static boolean isIdentifier(String target, int begin, int end) {
    if (end - begin == NAME.length()) {
      return target.startsWith(NAME, begin);
    }
    if (end - begin < NAME.length() || target.indexOf('%', begin, end) < 0) {
      return false;
    }
    String decoded = PercentEncoding.decode(target.substring(begin, end));
    return NAME.equals(decoded);
  }

  private static String decode(String raw) {
    String decoded = PercentEncoding.decode(raw);
    if (decoded == null) {
      throw invalid("is not well percent-encoded");
    }
    return decoded;
  }

  private static String check(String identifier) {
    for (int i = 0; i < identifier.length(); i++) {
      char c = identifier.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '\\') {
        throw invalid("holds a character outside of the visible ASCII ones without backslash");
      }
    }
    if (identifier.length() < SHORTEST || identifier.length() > LONGEST) {
      throw new ArmException(
          400,
          "InvalidLengthOfSessionIdentifier",
          "The query parameter 'identifier' has "
              + identifier.length()
              + " characters; 4 to 128 are accepted.");
    }
    return identifier;
  }

  private static ArmException invalid(String what) {
    return new ArmException(
        400, "InvalidSessionIdentifier", "The query parameter 'identifier' " + what + ".");
  }
}
