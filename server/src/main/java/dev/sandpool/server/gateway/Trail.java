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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the gateway leaves in the audit. Waits for nothing, on any thread. */
final class Trail {
  private final Audit audit;
  private final Refusals refusals;
  private final TrustedProxies proxies;
  private final Time time;

  Trail(Audit audit, TrustedProxies proxies, Time time) {
    this.proxies = proxies;
    this.audit = audit;
    this.refusals = new Refusals(audit);
    this.time = time;
  }

  /** A request got a session a sandbox. */
  void allocated(PoolRequest incoming, SessionEntry<SandboxConnections> entry) {
    audit.note(
        AuditEvent.of(time.now(), Kind.ALLOCATION, "allocate", Result.DONE)
            .by(incoming.principal(), from(incoming))
            .on(incoming.route().resource(), incoming.key().identifier())
            .in(incoming.id().toString())
            .with(sandbox(entry.sandbox())));
  }

  /**
   * Somebody is about to be given a token for one session. Returns when that is recorded, or cannot
   * be at the moment.
   *
   * @param from where that was asked for
   * @param allocated whether the session was given its sandbox for it
   */
  void issued(
      String from,
      RequestId id,
      String principal,
      PoolRoute route,
      SessionToken token,
      boolean allocated) {
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

  /**
   * Somebody asked for the end of a session.
   *
   * @param from where that was asked for
   */
  void stopped(
      String from,
      RequestId id,
      String principal,
      PoolRoute route,
      String identifier,
      boolean wasThere) {
    audit.note(
        AuditEvent.of(time.now(), Kind.STOP, "stopSession", wasThere ? Result.DONE : Result.FAILED)
            .by(principal, from)
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

  /** Who sent a request, or by the word of trusted proxies sent it to them; on its event loop. */
  String from(HttpServerRequest request) {
    return proxies.caller(request);
  }

  /** The same on any thread. */
  private String from(PoolRequest incoming) {
    String peer = Objects.requireNonNullElse(incoming.request().remoteAddress().hostAddress(), "");
    Forwarded forwarded = incoming.forwarded();
    return forwarded == null ? peer : proxies.caller(peer, List.of(forwarded.addresses()));
  }

  private static Map<String, String> sandbox(SandboxId sandbox) {
    return Map.of("sandbox", sandbox.value());
  }
}
