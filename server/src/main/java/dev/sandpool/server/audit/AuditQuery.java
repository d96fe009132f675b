package dev.sandpool.server.audit;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Which records are wanted; null: whatever there is.
 *
 * @param resource what the resource's name holds, without regard to case
 * @param session a session by its keyed hash, as it stands in records and in the access log
 */
public record AuditQuery(
    @Nullable String kind,
    @Nullable String result,
    @Nullable String actor,
    @Nullable String resource,
    @Nullable String session,
    @Nullable Instant since,
    @Nullable Instant until) {
  /** All. */
  public static final AuditQuery ALL = new AuditQuery(null, null, null, null, null, null, null);

  boolean matches(JsonNode line) {
    return is(kind, line, "kind")
        && is(result, line, "result")
        && is(actor, line, "actor")
        && is(session, line, "session")
        && (resource == null || lower(line.path("resource").asString("")).contains(lower(resource)))
        && isInTime(line);
  }

  private boolean isInTime(JsonNode line) {
    if (since == null && until == null) {
      return true;
    }
    Instant time = Instant.parse(line.path("time").asString(Instant.EPOCH.toString()));
    return (since == null || !time.isBefore(since)) && (until == null || time.isBefore(until));
  }

  private static boolean is(@Nullable String wanted, JsonNode line, String name) {
    return wanted == null || wanted.equalsIgnoreCase(line.path(name).asString(""));
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
