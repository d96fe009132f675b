package dev.sandpool.server.management;

import dev.sandpool.model.ArmError;
import dev.sandpool.model.ArmException;
import dev.sandpool.model.Json;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.role.Caller;
import dev.sandpool.server.role.MissingRight;
import dev.sandpool.server.role.Rights;
import dev.sandpool.server.role.Roles;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns one request into an answer: who, where, what, and what went wrong. Blocks. */
final class Dispatch {
  private static final Logger log = LoggerFactory.getLogger(Dispatch.class);

  private static final String SUPPORTED_VERSIONS = String.join(", ", ApiVersion.SUPPORTED);

  private static final TokenCheck.Principal ANYBODY =
      new TokenCheck.Principal("anybody", Caller.of("anybody", List.of()));

  private final Router open;
  private final Router router;
  private final TokenCheck tokens;
  private final Trail trail;
  private final Roles roles;

  /**
   * @param open what is answered without a token
   */
  Dispatch(Router open, Router router, TokenCheck tokens, Roles roles, Trail trail) {
    this.open = open;
    this.router = router;
    this.tokens = tokens;
    this.roles = roles;
    this.trail = trail;
  }

  Answer answer(Management.Incoming incoming) {
    Answer answer = guarded(incoming, () -> answerToAnybody(incoming));
    return incoming.method().equals("HEAD") && answer instanceof Answer.Whole whole
        ? new Answer.Whole(whole.status(), whole.headers(), null)
        : answer;
  }

  private Answer answerToAnybody(Management.Incoming incoming) throws IOException {
    if (open.find(incoming.method(), incoming.path()) instanceof Router.Found found) {
      return call(found, incoming, ANYBODY);
    }
    boolean logs = incoming.path().startsWith("/v1/workspaces/");
    return switch (tokens.verify(incoming.bearer(), incoming.from(), logs)) {
      case TokenCheck.Later later -> trail.seen(incoming, null, later(later));
      case TokenCheck.Refusal refusal -> trail.seen(incoming, null, refused(refusal));
      case TokenCheck.Principal principal ->
          trail.around(
              incoming, principal, () -> guarded(incoming, () -> route(incoming, principal)));
    };
  }

  /** Comes to an answer, or to what went wrong. */
  private interface Answering {
    Answer get() throws IOException;
  }

  private static Answer guarded(Management.Incoming incoming, Answering answering) {
    try {
      return answering.get();
    } catch (ArmException e) {
      return problem(e.status(), e.error());
    } catch (LedgerUnavailableException e) {
      log.warn("request {} could not be recorded: {}", incoming.requestId(), e.getMessage());
      return problem(503, "LedgerUnavailable", "Nothing can be recorded now; nothing has changed.")
          .with("Retry-After", "1");
    } catch (IOException | RuntimeException e) {
      log.error("request {} failed", incoming.requestId(), e);
      return problem(
          500,
          "InternalServerError",
          "The server failed; its log has more under request " + incoming.requestId() + ".");
    }
  }

  private static Answer later(TokenCheck.Later later) {
    return problem(429, "TooManyFailedTokens", "Too many tokens from this address were not valid.")
        .with("Retry-After", Integer.toString(later.seconds()));
  }

  private static Answer refused(TokenCheck.Refusal refusal) {
    Answer answer = problem(refusal.status(), refusal.code(), refusal.message());
    String challenge = refusal.challenge();
    return challenge == null ? answer : answer.with("WWW-Authenticate", challenge);
  }

  private Answer route(Management.Incoming incoming, TokenCheck.Principal principal)
      throws IOException {
    return switch (router.find(incoming.method(), incoming.path())) {
      case Router.Found found -> call(found, incoming, principal);
      case Router.WrongMethod wrong -> {
        String allowed = String.join(", ", wrong.allowed());
        yield problem(
                405,
                "MethodNotAllowed",
                "The method " + incoming.method() + " is not among " + allowed + ".")
            .with("Allow", allowed);
      }
      case Router.Unknown() ->
          problem(404, NotFound.CODE, "There is nothing at '" + incoming.path() + "'.");
    };
  }

  private Answer call(
      Router.Found found, Management.Incoming incoming, TokenCheck.Principal principal)
      throws IOException {
    Rights rights = roles.of(principal.caller());
    admit(found, rights, principal);
    boolean versioned = found.versioning() == Router.Versioning.REQUIRED;
    ApiVersion version =
        versioned
            ? ApiVersion.of(incoming.query().get("api-version"))
            : new ApiVersion(ApiVersion.NEWEST);
    var call =
        new Call(
            incoming.requestId(),
            principal,
            rights,
            incoming.path(),
            found.parameters(),
            incoming.query(),
            incoming.accept(),
            version,
            incoming.body(),
            incoming.conditions());
    Answer answer = answer(found, call);
    if (answer.status() == 201) {
      // What is new must not inherit what was given on something of its name that is gone.
      roles.refresh();
    }
    if (versioned) {
      answer = answer.with("api-supported-versions", SUPPORTED_VERSIONS);
    }
    return call.ignored().isEmpty() ? answer : warned(answer, call);
  }

  /** Before anything is looked up: who has no right must not learn whether something is there. */
  private static void admit(Router.Found found, Rights rights, TokenCheck.Principal principal) {
    Guard guard = found.guard();
    boolean admitted =
        switch (guard.reach()) {
          case SCOPE -> rights.allow(guard.action(), found.scope());
          case TOUCH -> rights.touch(found.scope());
          case EACH, SUBJECT -> true;
        };
    if (!admitted) {
      throw MissingRight.of(principal.caller(), guard.action(), found.scope());
    }
  }

  private static Answer answer(Router.Found found, Call call) throws IOException {
    try {
      return found.endpoint().answer(call);
    } catch (ArmException e) {
      return problem(e.status(), e.error());
    }
  }

  private static Answer warned(Answer answer, Call call) {
    // Names come from the caller: what could break a header or a log line goes.
    String paths = String.join(", ", call.ignored()).replaceAll("[^\\x20-\\x7e]", "?");
    String cut = paths.length() > 1000 ? paths.substring(0, 1000) + " ..." : paths;
    log.warn("request {}: unknown properties ignored: {}", call.requestId(), cut);
    return answer.with("sandpool-warning", "unknown properties ignored: " + cut);
  }

  static Answer problem(int status, String code, String message) {
    return problem(status, new ArmError(code, message));
  }

  private static Answer problem(int status, ArmError error) {
    Answer answer =
        new Answer.Whole(status, Map.of(), Json.MAPPER.valueToTree(error.envelope()))
            .with("x-ms-error-code", error.code());
    return status == 404 ? answer.with("x-ms-failure-cause", "gateway") : answer;
  }
}
