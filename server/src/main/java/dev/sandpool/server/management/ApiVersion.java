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

  /** Whether a text looks like a version, whichever provider's. */
  static boolean hasForm(String text) {
    return FORM.matcher(text).matches();
  }

  /** The version whose shape answers have: itself if it is listed. */
  private String shape() {
    return SUPPORTED.contains(value) ? value : NEWEST;
  }

  private boolean since(String version) {
    return shape().compareTo(version) >= 0;
  }

  /** Whether answers have what only previews from 2025-02-02 on have. */
  boolean previewProperties() {
    return shape().endsWith("-preview") && since("2025-02-02");
  }

  /** Whether the lifecycle is the flat {@code executionType} of the 2024 previews. */
  boolean flatLifecycle() {
    return !since("2025-01-01");
  }

  /** Whether pools have an identity, and answers list what of it the container may use. */
  boolean identity() {
    return since("2024-10-02");
  }

  /** Whether the registry's address is called {@code registryServer}. */
  boolean registryServer() {
    return !since("2024-08-02");
  }

  /** Whether containers have probes: previews had them first, stable versions since 2026. */
  boolean probes() {
    return previewProperties() || since("2026-01-01");
  }
}
