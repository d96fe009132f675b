package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The {@code api-version} of a request (contract 1.1). Unlisted ones are answered in the newest
 * stable shape.
 */
record ApiVersion(String value) {
  /** Listed in {@code api-supported-versions}. */
  static final List<String> SUPPORTED =
      List.of(
          "2023-08-01-preview",
          "2023-11-02-preview",
          "2024-02-02-preview",
          "2024-08-02-preview",
          "2024-10-02-preview",
          "2025-01-01",
          "2025-02-02-preview",
          "2025-07-01",
          "2025-10-02-preview",
          "2026-01-01",
          "2026-03-02-preview",
          "2026-07-01");

  /** The newest stable one. */
  static final String NEWEST = "2026-07-01";

  private static final Pattern FORM = Pattern.compile("\\d{4}-\\d{2}-\\d{2}(-[a-z]{1,20})?");

  /**
   * The version of that text.
   *
   * @throws ArmException 400 if it is missing, malformed or older than session pools
   */
  static ApiVersion of(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      throw new ArmException(
          400,
          "MissingApiVersionParameter",
          "The api-version query parameter (?api-version=) is required for all requests.");
    }
    String lower = text.toLowerCase(java.util.Locale.ROOT);
    if (!FORM.matcher(lower).matches() || lower.compareTo(SUPPORTED.getFirst()) < 0) {
      throw new ArmException(
          400,
          "InvalidApiVersionParameter",
          "The api-version is not supported. The supported api-versions are '"
              + String.join(",", SUPPORTED)
              + "'.");
    }
    return new ApiVersion(lower);
  }

  /** Whether answers have what only previews from 2025-02-02 on have. */
  boolean previewProperties() {
    return value.endsWith("-preview")
        && SUPPORTED.contains(value)
        && value.compareTo("2025-02-02") >= 0;
  }

  /** Whether the lifecycle is the flat {@code executionType} of the 2024 previews. */
  boolean flatLifecycle() {
    return value.compareTo("2025-01-01") < 0 && SUPPORTED.contains(value);
  }

  /** Whether answers list which identities the container may use. */
  boolean identitySettings() {
    return !flatLifecycle() || value.compareTo("2024-10-02") >= 0;
  }
}
