package dev.sandpool.server.image;

import dev.sandpool.server.image.ImageException.Cause;
import java.util.List;
import java.util.Locale;

/** What the tools' error texts mean. Pure: their exit code is 1 for everything. */
final class ToolErrors {
  private static final int MAX_DETAIL = 300;

  private record Rule(Cause cause, List<String> signs) {}

  /** The first rule that has a sign in the text wins: a full disk comes in many disguises. */
  private static final List<Rule> RULES =
      List.of(
          new Rule(Cause.DISK_FULL, List.of("no space left on device", "disk quota exceeded")),
          new Rule(Cause.RATE_LIMITED, List.of("toomanyrequests", "too many requests")),
          new Rule(
              Cause.UNAUTHORIZED,
              List.of(
                  "unauthorized",
                  "authentication required",
                  "invalid username/password",
                  "access to the resource is denied",
                  "denied:",
                  "403 (forbidden)")),
          new Rule(
              Cause.NOT_FOUND,
              List.of(
                  "manifest unknown", "name unknown", "name_unknown", "repository name not known")),
          new Rule(
              Cause.WRONG_ARCHITECTURE,
              List.of("no image found in manifest list", "no image found in image index")),
          new Rule(
              Cause.REGISTRY_UNREACHABLE,
              List.of(
                  "connection refused",
                  "no such host",
                  "x509:",
                  "server gave http response",
                  "i/o timeout",
                  "network is unreachable",
                  "no route to host",
                  "tls handshake",
                  "connection reset",
                  "pinging container registry",
                  "unexpected http status",
                  "invalid status code",
                  "unexpected eof",
                  "temporary failure in name resolution",
                  "malformed http")),
          new Rule(
              Cause.NOT_AN_IMAGE,
              List.of(
                  "manifest schema",
                  "manifest type",
                  "media type",
                  "mediatype",
                  "invalid character",
                  "unexpected end of json",
                  "digest did not match",
                  "verification failed",
                  "does not match config",
                  "gzip: invalid",
                  "zlib",
                  "not in gzip format",
                  "invalid tar header",
                  "invalid header",
                  "more than one image",
                  "unsupported mimetype",
                  "loading tar component",
                  "not found in the archive",
                  "manifest.json",
                  "index.json")));

  private ToolErrors() {}

  static Cause classify(String errors) {
    String text = errors.toLowerCase(Locale.ROOT);
    return RULES.stream()
        .filter(rule -> rule.signs().stream().anyMatch(text::contains))
        .map(Rule::cause)
        .findFirst()
        .orElse(Cause.OTHER);
  }

  /** The exception for a failed tool: image, cause, the tool's own words, remedy. */
  static ImageException explain(String image, String errors) {
    return of(classify(errors), image, detail(errors));
  }

  /** The exception for that cause; the detail may be empty. */
  static ImageException of(Cause cause, String image, String detail) {
    String why = detail.isEmpty() ? "" : " (" + detail + ")";
    return new ImageException(
        cause, "image " + image + ": " + what(cause) + why + "; " + remedy(cause));
  }

  private static String what(Cause cause) {
    return switch (cause) {
      case NOT_FOUND -> "the registry has no such image or tag";
      case UNAUTHORIZED -> "the registry refused the credentials, or wants some";
      case NOT_AN_IMAGE -> "this is not a container image, or its data is broken";
      case WRONG_ARCHITECTURE -> "it is made for another kind of machine";
      case REGISTRY_UNREACHABLE -> "the registry did not answer, or not as a registry";
      case RATE_LIMITED -> "the registry wants fewer questions for a while";
      case DISK_FULL -> "there is no room for it on this host's disk";
      case TOO_LARGE -> "unpacked it has more bytes or files than this server allows";
      case IN_USE -> "a pool uses it";
      case OTHER -> "the tool for images failed";
    };
  }

  private static String remedy(Cause cause) {
    return switch (cause) {
      case NOT_FOUND -> "check its name and tag, or push it";
      case UNAUTHORIZED -> "check the registry's server, username and password";
      case NOT_AN_IMAGE ->
          "check that the name means an OCI or Docker image, and push or save it again";
      case WRONG_ARCHITECTURE -> "build it for this host's architecture";
      case REGISTRY_UNREACHABLE ->
          "check the registry's address, port and certificate; one without TLS must be allowed in the server's settings";
      case RATE_LIMITED -> "wait, it is tried again; a login or a mirror may be allowed more";
      case DISK_FULL -> "remove images that no pool uses, or enlarge the disk";
      case TOO_LARGE -> "make it smaller, or raise images.maxBytes or images.maxFiles";
      case IN_USE -> "delete or update the pool first";
      case OTHER -> "see the server's log";
    };
  }

  /**
   * The line that says why, without skopeo's time stamp and level: a panic's first, else the last.
   */
  private static String detail(String errors) {
    String last =
        errors
            .lines()
            .filter(line -> !line.isBlank())
            .reduce("", (a, b) -> a.startsWith("panic:") ? a : b)
            .strip();
    int message = last.indexOf("msg=\"");
    if (message >= 0) {
      last = last.substring(message + 5).replaceAll("\"$", "").replace("\\\"", "'");
    }
    return last.length() <= MAX_DETAIL ? last : last.substring(0, MAX_DETAIL) + "...";
  }
}
