package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.session.Presence;
import dev.sandpool.server.session.Sessions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The calls under {@code /.management/} of a pool (contract 2.5 (a)): {@code listSessions}, {@code
 * getSession}, {@code stopSession}, and {@code createSessionToken} of ours; any api-version or
 * none. They do not count as use of a session.
 */
final class ManagementPath {
  private static final String TEXT = "text/plain; charset=utf-8";

  private final SessionCalls calls;
  private final Sessions<SandboxConnections> sessions;
  private final SessionHosts hosts;
  private final Trail trail;
  private final @Nullable TokenIssuing issuing;

  /**
   * @param issuing of session tokens; null: there are none
   */
  ManagementPath(
      SessionCalls calls,
      Sessions<SandboxConnections> sessions,
      SessionHosts hosts,
      @Nullable TokenIssuing issuing,
      Trail trail) {
    this.issuing = issuing;
    this.calls = calls;
    this.sessions = sessions;
    this.hosts = hosts;
    this.trail = trail;
  }

  /**
   * Answers a call, the work done on a virtual thread.
   *
   * @param principal who asks
   * @param rest the path from {@code /.management/} on, with its query
   */
  void handle(
      HttpServerRequest request, RequestId id, String principal, PoolRoute route, String rest) {
    var caller = new Presence();
    request.response().closeHandler(gone -> caller.leave());
    if (request.response().closed()) {
      caller.leave(); // While the token was examined: nobody would be told.
    }
    var asked = new Asked(trail.from(request), id, principal, route, caller);
    SessionCalls.Call call = call(asked, rest);
    if (!request.method().equals(HttpMethod.POST)) {
      request.response().putHeader("Allow", "POST");
      throw new ArmException(405, "MethodNotAllowed", "Only POST is known here.");
    }
    calls.run(request, id, call);
  }

  /** Who asks, from where, and of which pool; and whether they still wait for an answer. */
  private record Asked(
      String from, RequestId id, String principal, PoolRoute route, Presence caller) {}

  private SessionCalls.Call call(Asked asked, String rest) {
    PoolRoute route = asked.route();
    String principal = asked.principal();
    TokenIssuing tokens = issuing;
    return switch (RequestPath.operation(rest).toLowerCase(Locale.ROOT)) {
      case "listsessions" -> {
        SessionPages page = SessionPages.of(route, rest);
        yield () -> SessionCalls.json(page.of(sessions.list(route.pool()), hosts));
      }
      case "getsession" -> {
        SessionKey key = key(route, rest);
        yield () -> get(route, key);
      }
      case "stopsession" -> {
        SessionKey key = key(route, rest);
        yield () -> stop(asked, key);
      }
      case "createsessiontoken" -> {
        if (tokens == null) {
          throw unknown();
        }
        yield tokens.call(
            principal,
            route,
            rest,
            asked.caller(),
            (token, allocated) ->
                trail.issued(asked.from(), asked.id(), principal, route, token, allocated));
      }
      default -> throw unknown();
    };
  }

  private static ArmException unknown() {
    return new ArmException(404, "OperationNotFound", "There is no such operation.");
  }

  private static SessionKey key(PoolRoute route, String rest) {
    return new SessionKey(route.pool(), SessionIdentifier.require(rest));
  }

  private SessionCalls.Answer get(PoolRoute route, SessionKey key) {
    return sessions
        .view(key)
        .map(view -> SessionCalls.json(SessionPages.show(view, route, hosts)))
        .orElseThrow(SessionCalls::noSession);
  }

  /** The texts are the contract's, to the letter: clients compare them. */
  private SessionCalls.Answer stop(Asked asked, SessionKey key) throws InterruptedException {
    boolean wasThere = sessions.stop(key, "stopSession");
    trail.stopped(
        asked.from(), asked.id(), asked.principal(), asked.route(), key.identifier(), wasThere);
    if (wasThere) {
      String text =
          "Session " + key.identifier() + " in session pool " + asked.route().name() + " stopped.";
      return new SessionCalls.Answer(200, TEXT, text);
    }
    return new SessionCalls.Answer(400, TEXT, "Failed to stop session, session not found.");
  }
}
