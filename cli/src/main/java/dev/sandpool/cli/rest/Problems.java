package dev.sandpool.cli.rest;

import dev.sandpool.cli.Failure;
import dev.sandpool.model.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads what a server says when it refuses (contract 1.6, and plain text as in 2.5). */
public final class Problems {
  private Problems() {}

  static Failure of(Http.Answer answer) throws IOException {
    String text = answer.text();
    @Nullable String header = answer.header().get("x-ms-error-code");
    String fallback = header == null ? "Http" + answer.status() : header;
    try {
      JsonNode error = Json.MAPPER.readTree(text).path("error");
      if (error.isObject()) {
        return of(error, fallback, answer.status() == 404);
      }
    } catch (JacksonException e) {
      // Plain text then.
    }
    String said = text.isBlank() ? "the server answered " + answer.status() : text.strip();
    boolean missing = answer.status() == 404 || said.contains("session not found");
    return new Failure(exitCode(fallback, missing), fallback, said, List.of());
  }

  /** The failure in an ARM error object. */
  public static Failure of(JsonNode error, String fallbackCode, boolean missing) {
    String code = error.path("code").asString(fallbackCode);
    List<String> details = new ArrayList<>();
    String target = error.path("target").asString("");
    if (!target.isEmpty()) {
      details.add("at " + target);
    }
    for (JsonNode detail : error.path("details").values()) {
      String where = detail.path("target").asString("");
      details.add(
          "(%s) %s%s"
              .formatted(
                  detail.path("code").asString(code),
                  detail.path("message").asString(""),
                  where.isEmpty() ? "" : ", at " + where));
    }
    String message = error.path("message").asString("no message");
    return new Failure(exitCode(code, missing), code, message, details);
  }

  private static int exitCode(String code, boolean missing) {
    boolean notFound = missing || code.endsWith("NotFound");
    return notFound ? Failure.NOT_FOUND : Failure.ERROR;
  }
}
