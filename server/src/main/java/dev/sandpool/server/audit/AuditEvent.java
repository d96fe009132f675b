package dev.sandpool.server.audit;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that somebody did, wanted to do or was refused. No secret may stand in it; an
 * identifier is written down as its keyed hash only.
 *
 * @param kind what it is about
 * @param action what was done, in the words of its interface: {@code PUT}, {@code stopSession}
 * @param actor the client id of who did it; null: unknown, or the server itself
 * @param from the address that it came from; null: from here
 * @param resource what it was done to, as it was named
 * @param identifier of the session; null: none
 * @param request the name of the request in logs and answers
 * @param code of the error, or why it happened
 * @param detail what else there is to know
 */
public record AuditEvent(
    Instant time,
    Kind kind,
    String action,
    Result result,
    @Nullable String actor,
    @Nullable String from,
    @Nullable String resource,
    @Nullable String identifier,
    @Nullable String request,
    @Nullable String code,
    Map<String, String> detail) {

  /** What an event is about. */
  public enum Kind {
    /** A change of resources, or a secret that was read. */
    CHANGE,
    /** A role that was given or taken. */
    ROLE,
    /** A token that was issued or refused. */
    TOKEN,
    /** A session that was given a sandbox. */
    ALLOCATION,
    /** A session that ended, or was to. */
    STOP,
    /** An access without the right to it. */
    REFUSAL,
    /** The server itself. */
    SERVER;

    /** As it is written. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What came of it. */
  public enum Result {
    /** It is about to be tried; another event with the same request tells the end. */
    ASKED,
    DONE,
    FAILED,
    REFUSED;

    /** As it is written. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The detail may be changed by nobody afterwards. */
  public AuditEvent {
    detail = Map.copyOf(detail);
  }

  /** One of which nothing more is known. */
  public static AuditEvent of(Instant time, Kind kind, String action, Result result) {
    return new AuditEvent(time, kind, action, result, null, null, null, null, null, null, Map.of());
  }

  /** The same, done by that principal from that address. */
  public AuditEvent by(@Nullable String who, @Nullable String where) {
    return new AuditEvent(
        time, kind, action, result, who, where, resource, identifier, request, code, detail);
  }

  /** The same, done to that. */
  public AuditEvent on(@Nullable String what, @Nullable String session) {
    return new AuditEvent(
        time, kind, action, result, actor, from, what, session, request, code, detail);
  }

  /** The same, of that request. */
  public AuditEvent in(@Nullable String name) {
    return new AuditEvent(
        time, kind, action, result, actor, from, resource, identifier, name, code, detail);
  }

  /** The same with that code. */
  public AuditEvent because(@Nullable String why) {
    return new AuditEvent(
        time, kind, action, result, actor, from, resource, identifier, request, why, detail);
  }

  /** The same with that detail. */
  public AuditEvent with(Map<String, String> more) {
    return new AuditEvent(
        time, kind, action, result, actor, from, resource, identifier, request, code, more);
  }

  /** The same, with what came of it. */
  public AuditEvent ended(Instant when, Result how, @Nullable String why) {
    return new AuditEvent(
        when, kind, action, how, actor, from, resource, identifier, request, why, detail);
  }
}
