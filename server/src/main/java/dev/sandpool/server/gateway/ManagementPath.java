package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.Json;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.session.Sessions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls under {@code /.management/} of a pool (contract 2.5 (a)): {@code listSessions}, {@code
 * getSession}, {@code stopSession}; any api-version or none. They do not count as use of a session.
 */
final class ManagementPath {
  private static final Logger log = LoggerFactory.getLogger(ManagementPath.class);
  private static final String JSON = "application/json; charset=utf-8";
  private static final String TEXT = "text/plain; charset=utf-8";

  private final Loop loop;
  private final Sessions<SandboxConnections> sessions;
  private final Problems problems;

  ManagementPath(Loop loop, Sessions<SandboxConnections> sessions, Problems problems) {
    this.loop = loop;
    this.sessions = sessions;
    this.problems = problems;
  }

  /** What is answered. */
  private record Answer(int status, String type, String body) {}

  /** One of the calls; may block. */
  private interface Call {
    Answer run() throws InterruptedException;
  }

  /**
   * Answers a call, the work done on a virtual thread.
   *
   * @param rest the path from {@code /.management/} on, with its query
   */
  void handle(HttpServerRequest request, RequestId id, PoolRoute route, String rest) {
    Call call = call(route, rest);
    if (!request.method().equals(HttpMethod.POST)) {
      request.response().putHeader("Allow", "POST");
      throw new ArmException(405, "MethodNotAllowed", "Only POST is known here.");
    }
    Thread.ofVirtual().name("session-call").start(() -> answer(request, id, call));
  }

  private Call call(PoolRoute route, String rest) {
    return switch (RequestPath.operation(rest).toLowerCase(Locale.ROOT)) {
      case "listsessions" -> {
        SessionPages page = SessionPages.of(route, rest);
        yield () -> json(page.of(sessions.list(route.pool())));
      }
      case "getsession" -> {
        SessionKey key = key(route, rest);
        yield () -> get(key);
      }
      case "stopsession" -> {
        SessionKey key = key(route, rest);
        yield () -> stop(route, key);
      }
      default -> throw new ArmException(404, "OperationNotFound", "There is no such operation.");
    };
  }

  private static SessionKey key(PoolRoute route, String rest) {
    return new SessionKey(route.pool(), SessionIdentifier.require(rest));
  }

  private Answer get(SessionKey key) {
    return sessions
        .view(key)
        .map(view -> json(SessionPages.show(view)))
        .orElseThrow(
            () ->
                new ArmException(
                    404,
                    "SessionWithIdentifierNotFound",
                    "There is no session of that identifier."));
  }

  /** The texts are the contract's, to the letter: clients compare them. */
  private Answer stop(PoolRoute route, SessionKey key) throws InterruptedException {
    if (sessions.stop(key, "stopSession")) {
      String text =
          "Session " + key.identifier() + " in session pool " + route.name() + " stopped.";
      return new Answer(200, TEXT, text);
    }
    return new Answer(400, TEXT, "Failed to stop session, session not found.");
  }

  private static Answer json(Map<String, ?> body) {
    return new Answer(200, JSON, Json.MAPPER.writeValueAsString(body));
  }

  private void answer(HttpServerRequest request, RequestId id, Call call) {
    try {
      Answer answer = call.run();
      loop.run(() -> send(request, id, answer));
    } catch (ArmException e) {
      problem(request, id, e);
    } catch (LedgerUnavailableException e) {
      problem(
          request,
          id,
          new ArmException(503, "LedgerUnavailable", "The end cannot be recorded now."));
    } catch (InterruptedException | RuntimeException e) {
      log.error("request {} failed", id, e);
      problem(request, id, new ArmException(500, "InternalServerError", "The call failed here."));
    }
  }

  private void problem(HttpServerRequest request, RequestId id, ArmException problem) {
    loop.run(() -> problems.send(request, id, problem));
  }

  private static void send(HttpServerRequest request, RequestId id, Answer answer) {
    if (request.response().closed()) {
      return;
    }
    request
        .response()
        .setStatusCode(answer.status())
        .putHeader("Content-Type", answer.type())
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader(Names.REQUEST_ID, id.toString());
    Problems.end(request, answer.body());
  }
}
