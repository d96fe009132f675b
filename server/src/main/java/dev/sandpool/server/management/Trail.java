package dev.sandpool.server.management;

import dev.sandpool.model.Json;
import dev.sandpool.server.audit.Audit;
import dev.sandpool.server.audit.AuditEvent;
import dev.sandpool.server.audit.AuditEvent.Kind;
import dev.sandpool.server.audit.AuditEvent.Result;
import dev.sandpool.server.audit.AuditUnavailableException;
import dev.sandpool.server.audit.Refusals;
import dev.sandpool.server.time.Time;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * What management leaves in the audit: each change before it is made and again with its outcome
 * before that is answered, and each access that is refused. Without the first nothing is changed.
 */
final class Trail {
  private static final Logger log = LoggerFactory.getLogger(Trail.class);
  private static final String ROLES = "/providers/microsoft.authorization/";

  /** Each piece of an archive on its way here is a request; what is imported of it is recorded. */
  private static final String PIECES = "/sandpool/images/uploads/";

  private final Audit audit;
  private final Refusals refusals;
  private final Time time;

  Trail(Audit audit, Time time) {
    this.audit = audit;
    this.refusals = new Refusals(audit);
    this.time = time;
  }

  /** Has a request of somebody who is known answered. */
  Answer around(
      Management.Incoming incoming, TokenCheck.Principal principal, Supplier<Answer> answering) {
    if (!changes(incoming)) {
      return seen(incoming, principal, answering.get());
    }
    AuditEvent asked = event(incoming, principal);
    try {
      audit.record(asked);
    } catch (AuditUnavailableException e) {
      log.warn("request {} cannot be recorded: {}", incoming.requestId(), e.getMessage());
      return unavailable("The change cannot be recorded now; nothing has changed.");
    }
    Answer answer = answering.get();
    try {
      audit.record(
          asked
              .ended(time.now(), result(answer.status()), answer.headers().get("x-ms-error-code"))
              .with(withStatus(asked.detail(), answer.status())));
    } catch (AuditUnavailableException e) {
      log.error("the end of request {} is not recorded: {}", incoming.requestId(), e.getMessage());
      return unavailable("What was asked for was tried, and its outcome cannot be recorded now.");
    }
    return answer;
  }

  /** Notes a refusal, and passes the answer on. */
  Answer seen(
      Management.Incoming incoming, TokenCheck.@Nullable Principal principal, Answer answer) {
    if (answer.status() == 401 || answer.status() == 403) {
      refusals.note(
          time.now(),
          incoming.method(),
          principal == null ? null : principal.name(),
          incoming.from(),
          incoming.path(),
          incoming.requestId(),
          answer.headers().getOrDefault("x-ms-error-code", "Unauthenticated"));
    }
    return answer;
  }

  private static boolean changes(Management.Incoming incoming) {
    return switch (incoming.method()) {
      case "GET", "HEAD", "OPTIONS" -> false;
      case "PUT" -> !lower(incoming.path()).startsWith(PIECES);
      default -> true;
    };
  }

  private AuditEvent event(Management.Incoming incoming, TokenCheck.Principal principal) {
    boolean isRole = lower(incoming.path()).contains(ROLES);
    JsonNode body = body(incoming);
    JsonNode identifier = body.path("identifier");
    return AuditEvent.of(
            time.now(), isRole ? Kind.ROLE : Kind.CHANGE, incoming.method(), Result.ASKED)
        .by(principal.name(), incoming.from())
        .on(incoming.path(), identifier.isString() ? identifier.asString() : null)
        .in(incoming.requestId())
        .with(isRole ? role(body.path("properties")) : Map.of());
  }

  /** Bodies hold secrets: nothing of them but this is recorded. */
  private static Map<String, String> role(JsonNode properties) {
    Map<String, String> said = new LinkedHashMap<>();
    for (String name : new String[] {"principalId", "roleDefinitionId"}) {
      if (properties.path(name).isString()) {
        said.put(name, properties.path(name).asString());
      }
    }
    return said;
  }

  private static JsonNode body(Management.Incoming incoming) {
    try {
      return Json.MAPPER.readTree(incoming.body().getBytes());
    } catch (JacksonException e) {
      return JsonNodeFactory.instance.objectNode(); // The answer will say so.
    }
  }

  private static Map<String, String> withStatus(Map<String, String> detail, int status) {
    Map<String, String> more = new LinkedHashMap<>(detail);
    more.put("status", Integer.toString(status));
    return more;
  }

  private static Result result(int status) {
    if (status < 400) {
      return Result.DONE;
    }
    return status == 401 || status == 403 ? Result.REFUSED : Result.FAILED;
  }

  private static Answer unavailable(String message) {
    return Dispatch.problem(503, "AuditUnavailable", message).with("Retry-After", "5");
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
