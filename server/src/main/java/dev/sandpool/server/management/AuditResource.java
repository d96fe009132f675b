package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.Json;
import dev.sandpool.server.audit.AuditQuery;
import dev.sandpool.server.audit.AuditReader;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code GET /sandpool/audit}: what was recorded, and whether the record is whole. */
final class AuditResource {
  private static final int TOP = 100;
  private static final int MOST = 1000;

  private final AuditReader records;

  AuditResource(AuditReader records) {
    this.records = records;
  }

  /** The newest that are asked for; with {@code after} those that follow. */
  Answer list(Call call) throws IOException {
    AuditQuery query =
        new AuditQuery(
            text(call, "kind"),
            text(call, "result"),
            text(call, "actor"),
            text(call, "resource"),
            text(call, "session"),
            time(call, "since"),
            time(call, "until"));
    int top = (int) number(call, "top", TOP, 1, MOST);
    long after = number(call, "after", -1, 0, Long.MAX_VALUE);
    List<JsonNode> found =
        after < 0 ? records.newest(query, top) : records.after(after, query, top);
    ObjectNode body = Json.MAPPER.createObjectNode();
    ArrayNode value = body.putArray("value");
    found.forEach(value::add);
    return Answer.of(200, body);
  }

  /** Whether each record is the one that its successor was written after. */
  Answer examine(Call call) throws IOException {
    AuditReader.Examination seen = records.examine();
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("intact", seen.broken() == null);
    body.put("first", seen.first());
    body.put("last", seen.last());
    body.put("problem", seen.broken());
    return Answer.of(200, body);
  }

  private static @Nullable String text(Call call, String name) {
    return call.queried(name).filter(text -> !text.isEmpty()).orElse(null);
  }

  private static @Nullable Instant time(Call call, String name) {
    String text = text(call, name);
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeException e) {
      throw wrong(name, text, "a time such as 2026-11-29T20:00:00Z");
    }
  }

  private static long number(Call call, String name, long otherwise, long least, long most) {
    String text = text(call, name);
    if (text == null) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw wrong(name, text, "a number from " + least + " to " + most);
    }
    throw wrong(name, text, "a number from " + least + " to " + most);
  }

  private static ArmException wrong(String name, @Nullable String text, String accepted) {
    return new ArmException(
        400,
        "InvalidQueryParameter",
        "The query parameter '%s' is '%s'; accepted: %s.".formatted(name, text, accepted));
  }
}
