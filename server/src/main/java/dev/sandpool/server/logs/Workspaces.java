package dev.sandpool.server.logs;

import dev.sandpool.model.Json;
import dev.sandpool.server.ledger.ResourceRecord;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Which workspace an environment logs to. */
public final class Workspaces {
  private static final Pattern GUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private Workspaces() {}

  /**
   * The customer id of the workspace: the one that the environment names, and one of its own where
   * it names none. One that is deleted and made again has another.
   */
  public static String of(ResourceRecord environment) {
    return named(environment)
        .orElseGet(
            () ->
                UUID.nameUUIDFromBytes(
                        ("sandpool workspace of "
                                + environment.id().toLowerCase(Locale.ROOT)
                                + " made "
                                + environment.createdAt())
                            .getBytes(StandardCharsets.UTF_8))
                    .toString());
  }

  /** The one that the environment names. */
  public static Optional<String> named(ResourceRecord environment) {
    JsonNode id =
        Json.MAPPER
            .readTree(environment.document())
            .path("properties")
            .path("appLogsConfiguration")
            .path("logAnalyticsConfiguration")
            .path("customerId");
    return isId(id.asString(""))
        ? Optional.of(id.asString().toLowerCase(Locale.ROOT))
        : Optional.empty();
  }

  /** Whether a text can be a customer id. */
  public static boolean isId(String text) {
    return GUID.matcher(text).matches();
  }
}
