package dev.sandpool.server.management;

import java.util.regex.Pattern;

/**
 * The form of image references, {@code host:port/name:tag} or {@code name@sha256:...}. Strict,
 * because references become arguments of tools: none begins with a dash or holds a space.
 */
final class ImageNames {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9\\[][A-Za-z0-9._:/@\\[\\]-]*");

  private ImageNames() {}

  static void check(String name, String target, Faults faults) {
    if (name.isBlank()) {
      faults.add(target, "is required, like 'registry.example:5000/name:tag'.");
    } else if (name.length() > 512 || !FORM.matcher(name).matches()) {
      faults.add(target, "'" + name + "' is not an image reference like 'host:5000/name:tag'.");
    }
  }
}
