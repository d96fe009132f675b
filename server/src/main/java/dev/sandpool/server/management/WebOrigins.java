package dev.sandpool.server.management;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * A list of web origins as browsers write them in {@code Origin} (RFC 6454, 6.2): {@code
 * SCHEME://HOST} or {@code SCHEME://HOST:PORT} in lower case; {@code *} alone stands for all.
 */
final class WebOrigins {
  private static final int MOST = 100;
  private static final String ANY = "*";

  /** Browsers compare and write origins in one form only; what differs would never be met. */
  private static final Pattern ORIGIN =
      Pattern.compile(
          "([a-z][a-z0-9+.-]*)://(?:[a-z0-9.-]+|\\[[0-9a-f:.]+])(?::([1-9][0-9]{0,4}))?");

  private WebOrigins() {}

  static List<String> of(JsonNode given) {
    List<String> origins = new ArrayList<>();
    given.forEach(origin -> origins.add(origin.asString("")));
    return List.copyOf(origins);
  }

  private static boolean isOrigin(String text) {
    Matcher matcher = ORIGIN.matcher(text);
    if (!matcher.matches()) {
      return false;
    }
    String port = matcher.group(2);
    boolean implied =
        (matcher.group(1).equals("http") && "80".equals(port))
            || (matcher.group(1).equals("https") && "443".equals(port));
    return port == null || (!implied && Integer.parseInt(port) <= 65_535);
  }

  static void check(JsonNode given, String target, Faults faults) {
    if (given.size() > MOST) {
      faults.add(target, "has %d entries; at most %d are accepted.".formatted(given.size(), MOST));
    }
    for (int i = 0; i < given.size(); i++) {
      String origin = given.get(i).asString("");
      boolean any = origin.equals(ANY) && given.size() == 1;
      if (!any && !isOrigin(origin)) {
        faults.add(
            target + "[" + i + "]",
            ("'%s' is not SCHEME://HOST or SCHEME://HOST:PORT in lower case (a port only where it"
                    + " is not the scheme's own), nor '*' alone.")
                .formatted(origin));
      }
    }
  }
}
