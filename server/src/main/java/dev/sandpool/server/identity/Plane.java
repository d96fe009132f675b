package dev.sandpool.server.identity;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** One of the two doors; a token opens exactly one of them. */
public enum Plane {
  /** Requests to sessions. */
  DATA(List.of("https://dynamicsessions.io")),
  /** Resources: environments, pools. */
  MANAGEMENT(List.of("https://management.azure.com/", "https://management.core.windows.net/")),
  /** Queries of logs, which tokens for management may ask too. */
  LOGS(List.of("https://api.loganalytics.io", "https://api.loganalytics.azure.com"));

  private final List<String> audiences;

  Plane(List<String> audiences) {
    this.audiences = audiences;
  }

  /** The audience to ask for, in the form that stands in tokens. */
  public String audience() {
    return audiences.getFirst();
  }

  /** The plane's own form of that audience; a slash at the end makes no difference. */
  Optional<String> canonical(String audience) {
    String bare = bare(audience);
    return audiences.stream().filter(known -> bare(known).equals(bare)).findFirst();
  }

  /** The plane of that audience, with or without a slash at its end. */
  public static Optional<Plane> ofAudience(String audience) {
    return Arrays.stream(values())
        .filter(plane -> plane.canonical(audience).isPresent())
        .findFirst();
  }

  private static String bare(String audience) {
    return audience.endsWith("/") ? audience.substring(0, audience.length() - 1) : audience;
  }
}
