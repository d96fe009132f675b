package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.session.SessionView;
import dev.sandpool.server.session.Sessions;
import io.vertx.core.http.HttpServerRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET} and {@code DELETE /session}, {@code GET /listSessions}: the session calls in the form
 * of code interpreters (contract 2.5 (b)), for pools whose setting {@code sessionOperations} is on.
 * Elsewhere these paths belong to the application in the sandbox.
 */
final class SessionOperations {
  private static final String ONE = "/session";
  private static final String LIST = "/listSessions";

  private final SessionCalls calls;
  private final Sessions<SandboxConnections> sessions;
  private final Trail trail;

  SessionOperations(SessionCalls calls, Sessions<SandboxConnections> sessions, Trail trail) {
    this.calls = calls;
    this.sessions = sessions;
    this.trail = trail;
  }

  /** Whether a path, with its query, is one of these, whatever the method. */
  static boolean takes(String rest) {
    String path = path(rest);
    return path.equalsIgnoreCase(ONE) || path.equalsIgnoreCase(LIST);
  }

  private static String path(String rest) {
    int query = rest.indexOf('?');
    return query < 0 ? rest : rest.substring(0, query);
  }

  void handle(
      HttpServerRequest request, RequestId id, String principal, PoolRoute route, String rest) {
    calls.run(request, id, call(request, id, principal, route, rest));
  }

  private SessionCalls.Call call(
      HttpServerRequest request, RequestId id, String principal, PoolRoute route, String rest) {
    boolean one = path(rest).equalsIgnoreCase(ONE);
    String method = request.method().name();
    if (one && (method.equals("GET") || method.equals("DELETE"))) {
      var key = new SessionKey(route.pool(), SessionIdentifier.require(rest));
      String from = trail.from(request);
      return method.equals("GET")
          ? () -> get(key)
          : () -> {
            boolean wasThere = sessions.stop(key, "DELETE /session");
            trail.stopped(from, id, principal, route, key.identifier(), wasThere);
            return deleted(wasThere);
          };
    }
    if (!one && method.equals("GET")) {
      SessionPages page = SessionPages.of(route, rest);
      return () -> SessionCalls.json(list(page, sessions.list(route.pool())));
    }
    String allowed = one ? "DELETE, GET" : "GET";
    request.response().putHeader("Allow", allowed);
    throw new ArmException(405, "MethodNotAllowed", "Only " + allowed + " is known here.");
  }

  private SessionCalls.Answer get(SessionKey key) {
    return sessions
        .view(key)
        .map(view -> SessionCalls.json(show(view)))
        .orElseThrow(SessionCalls::noSession);
  }

  private static SessionCalls.Answer deleted(boolean wasThere) {
    if (!wasThere) {
      throw SessionCalls.noSession();
    }
    return new SessionCalls.Answer(204, "", "");
  }

  private static Map<String, ?> list(SessionPages page, List<SessionView> all) {
    List<SessionView> shown = page.cut(all);
    Map<String, @Nullable Object> body = new LinkedHashMap<>();
    body.put("sessions", shown.stream().map(SessionOperations::show).toList());
    body.put("nextLink", page.next(all, LIST));
    return body;
  }

  private static Map<String, ?> show(SessionView view) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("identifier", view.identifier());
    shown.put("createdAt", view.createdAt().toString());
    shown.put("lastAccessedAt", view.lastAccessedAt().toString());
    shown.put("expireAt", view.expiresAt().toString());
    shown.put("etag", view.sandbox().value());
    return shown;
  }
}
