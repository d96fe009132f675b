package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.Json;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers calls about sessions, the work done on virtual threads; they do not count as use of a
 * session.
 */
final class SessionCalls {
  private static final Logger log = LoggerFactory.getLogger(SessionCalls.class);
  private static final String JSON = "application/json; charset=utf-8";

  private final Loop loop;
  private final Problems problems;

  SessionCalls(Loop loop, Problems problems) {
    this.loop = loop;
    this.problems = problems;
  }

  /** What is answered. */
  record Answer(int status, String type, String body) {}

  /** One of the calls; may block. */
  interface Call {
    Answer run() throws InterruptedException, ComeAgain;
  }

  /** A refusal that says when to come again. */
  static final class ComeAgain extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient ArmException problem;
    private final int seconds;

    ComeAgain(int seconds, ArmException problem) {
      super(problem.getMessage());
      this.problem = problem;
      this.seconds = seconds;
    }
  }

  static Answer json(Map<String, ?> body) {
    return new Answer(200, JSON, Json.MAPPER.writeValueAsString(body));
  }

  static ArmException noSession() {
    return new ArmException(
        404, "SessionWithIdentifierNotFound", "There is no session of that identifier.");
  }

  void run(HttpServerRequest request, RequestId id, Call call) {
    Thread.ofVirtual().name("session-call").start(() -> answer(request, id, call));
  }

  private void answer(HttpServerRequest request, RequestId id, Call call) {
    try {
      Answer answer = call.run();
      loop.run(() -> send(request, id, answer));
    } catch (ArmException e) {
      problem(request, id, e);
    } catch (ComeAgain e) {
      comeAgain(request, id, e);
    } catch (LedgerUnavailableException e) {
      var problem = new ArmException(503, "LedgerUnavailable", "It cannot be recorded now.");
      comeAgain(request, id, new ComeAgain(1, problem));
    } catch (InterruptedException | RuntimeException e) {
      log.error("request {} failed", id, e);
      problem(request, id, new ArmException(500, "InternalServerError", "The call failed here."));
    }
  }

  private void comeAgain(HttpServerRequest request, RequestId id, ComeAgain refusal) {
    loop.run(() -> problems.sendRetry(request, id, refusal.problem, refusal.seconds));
  }

  private void problem(HttpServerRequest request, RequestId id, ArmException problem) {
    loop.run(() -> problems.send(request, id, problem));
  }

  private static void send(HttpServerRequest request, RequestId id, Answer answer) {
    if (request.response().closed()) {
      return;
    }
    if (!answer.body().isEmpty()) {
      request.response().putHeader("Content-Type", answer.type());
    }
    request
        .response()
        .setStatusCode(answer.status())
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader(Names.REQUEST_ID, id.toString());
    Problems.end(request, answer.body());
  }
}
