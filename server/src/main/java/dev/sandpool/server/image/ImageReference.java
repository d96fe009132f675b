package dev.sandpool.server.image;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where an image is: registry, repository, and a tag or digest, in the notation that Docker has
 * made usual ({@code registry:port/path/name:tag@sha256:...}).
 *
 * @param registry host with optional port; {@code docker.io} where the text names none
 * @param repository lower-case path; a single name on docker.io is put under {@code library/}
 * @param tag {@code latest} where the text has neither tag nor digest; null beside a digest alone
 * @param digest {@code sha256:} and 64 hexadecimal digits, or null
 */
public record ImageReference(
    String registry, String repository, @Nullable String tag, @Nullable String digest) {
  private static final String DOCKER_HUB = "docker.io";
  private static final int MAX_LENGTH = 512;
  private static final Pattern REGISTRY =
      Pattern.compile(
          "([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?");
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

  /** Whether the text is a digest of the only kind in use, {@code sha256:} and 64 digits. */
  public static boolean isDigest(String text) {
    return DIGEST.matcher(text).matches();
  }

  /**
   * The reference that the text means.
   *
   * @throws IllegalArgumentException saying which part is wrong and what it should be
   */
  public static ImageReference parse(String text) {
    if (text.isBlank() || text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "an image reference has 1 to " + MAX_LENGTH + " characters, like registry/name:tag");
    }
    if (text.contains("://")) {
      throw new IllegalArgumentException(
          "image reference '" + text + "' must not have a scheme: leave out what stands before //");
    }
    int at = text.indexOf('@');
    String digest = at < 0 ? null : checked(text, "digest", text.substring(at + 1), DIGEST);
    String rest = at < 0 ? text : text.substring(0, at);
    int colon = rest.lastIndexOf(':');
    boolean tagged = colon > rest.lastIndexOf('/');
    String tag = tagged ? checked(text, "tag", rest.substring(colon + 1), TAG) : null;
    if (tag == null && digest == null) {
      tag = "latest";
    }
    return withName(text, tagged ? rest.substring(0, colon) : rest, tag, digest);
  }

  private static ImageReference withName(
      String text, String name, @Nullable String tag, @Nullable String digest) {
    int slash = name.indexOf('/');
    boolean hasRegistry = slash > 0 && looksLikeHost(name.substring(0, slash));
    String registry =
        hasRegistry ? checked(text, "registry", name.substring(0, slash), REGISTRY) : DOCKER_HUB;
    String path = hasRegistry ? name.substring(slash + 1) : name;
    checked(text, "repository", path, REPOSITORY);
    registry = registry.toLowerCase(Locale.ROOT);
    if (registry.equals("index.docker.io")) {
      registry = DOCKER_HUB;
    }
    boolean official = registry.equals(DOCKER_HUB) && path.indexOf('/') < 0;
    return new ImageReference(registry, official ? "library/" + path : path, tag, digest);
  }

  /** Docker's rule: the first part is a host if it has a dot or port, or is localhost. */
  private static boolean looksLikeHost(String part) {
    return part.indexOf('.') >= 0
        || part.indexOf(':') >= 0
        || part.equals("localhost")
        || !part.equals(part.toLowerCase(Locale.ROOT));
  }

  private static String checked(String text, String part, String value, Pattern pattern) {
    if (!pattern.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "image reference '"
              + text
              + "' has a "
              + part
              + " '"
              + value
              + "' that is none: "
              + rule(part));
    }
    return value;
  }

  private static String rule(String part) {
    return switch (part) {
      case "digest" -> "it is sha256: and 64 hexadecimal digits";
      case "tag" -> "it is 1 to 128 letters, digits, '_', '.' or '-', the first no '.' or '-'";
      case "registry" -> "it is a host name or address with an optional :port";
      default -> "it is lower-case letters and digits, parted by '/', '.', '_' or '-'";
    };
  }

  /** The whole reference with nothing left to defaults, equal for all ways to write it. */
  public String canonical() {
    return repositoryName() + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
  }

  /** Registry and repository. */
  public String repositoryName() {
    return registry + "/" + repository;
  }

  /** The digest that the text itself asks for. */
  public Optional<String> wantedDigest() {
    return Optional.ofNullable(digest);
  }

  /** The registry's host, without port and without the brackets of an IPv6 address. */
  public String host() {
    if (registry.startsWith("[")) {
      return registry.substring(1, registry.indexOf(']'));
    }
    int colon = registry.indexOf(':');
    return colon < 0 ? registry : registry.substring(0, colon);
  }

  /** Whether the registry is this machine, so that nobody can listen on the way to it. */
  public boolean isLoopback() {
    String host = host();
    return host.equals("localhost")
        || host.equals("::1")
        || Pattern.matches("127(\\.[0-9]{1,3}){3}", host);
  }

  @Override
  public String toString() {
    return canonical();
  }
}
