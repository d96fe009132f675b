package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.audit.Audit;
import dev.sandpool.server.audit.AuditEvent;
import dev.sandpool.server.audit.AuditEvent.Kind;
import dev.sandpool.server.audit.AuditEvent.Result;
import dev.sandpool.server.audit.Refusals;
import dev.sandpool.server.session.SessionEntry;
import dev.sandpool.server.time.Time;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the gateway leaves in the audit. Waits for nothing, on any thread. */
final class Trail {
  private final Audit audit;
  private final Refusals refusals;
  private final Time time;

  Trail(Audit audit, Time time) {
    this.audit = audit;
    this.refusals = new Refusals(audit);
    this.time = time;
  }

  /** A request got a session a sandbox. */
  void allocated(PoolRequest incoming, SessionEntry<SandboxConnections> entry) {
    Forwarded forwarded = incoming.forwarded();
    audit.note(
        AuditEvent.of(time.now(), Kind.ALLOCATION, "allocate", Result.DONE)
            .by(
                incoming.principal(),
                forwarded == null ? from(incoming.request()) : forwarded.addresses())
            .on(incoming.route().resource(), incoming.key().identifier())
            .in(incoming.id().toString())
            .with(sandbox(entry.sandbox())));
  }

  /**
   * Somebody is about to be given a token for one session. Returns when that is recorded, or cannot
   * be at the moment.
   *
   * @param allocated whether the session was given its sandbox for it
   */
  void issued(
      HttpServerRequest request,
      RequestId id,
      String principal,
      PoolRoute route,
      SessionToken token,
      boolean allocated) {
    String from = from(request);
    if (allocated) {
      audit.note(
          AuditEvent.of(time.now(), Kind.ALLOCATION, "allocate", Result.DONE)
              .by(principal, from)
              .on(route.resource(), token.identifier())
              .in(id.toString())
              .with(Map.of("sandbox", token.sandbox())));
    }
    audit.attempt(
        AuditEvent.of(time.now(), Kind.TOKEN, "createSessionToken", Result.DONE)
            .by(principal, from)
            .on(route.resource(), token.identifier())
            .in(id.toString())
            .with(Map.of("sandbox", token.sandbox(), "expires", token.expires().toString())));
  }

  /** Somebody asked for the end of a session. */
  void stopped(
      HttpServerRequest request,
      RequestId id,
      String principal,
      PoolRoute route,
      String identifier,
      boolean wasThere) {
    audit.note(
        AuditEvent.of(time.now(), Kind.STOP, "stopSession", wasThere ? Result.DONE : Result.FAILED)
            .by(principal, from(request))
            .on(route.resource(), identifier)
            .in(id.toString()));
  }

  /** An access was refused, if that was for want of the right to it. */
  void refused(
      HttpServerRequest request, RequestId id, @Nullable String principal, ArmException problem) {
    if (problem.status() == 401 || problem.status() == 403) {
      String target = request.uri();
      int query = target.indexOf('?');
      refusals.note(
          time.now(),
          request.method().name(),
          principal,
          from(request),
          query < 0 ? target : target.substring(0, query),
          id.toString(),
          problem.error().code());
    }
  }

  private static @Nullable String from(HttpServerRequest request) {
    return request.remoteAddress().hostAddress();
  }

  private static Map<String, String> sandbox(SandboxId sandbox) {
    return Map.of("sandbox", sandbox.value());
  }
}
