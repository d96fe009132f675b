package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.gateway.SessionCalls.ComeAgain;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.session.Allocation;
import dev.sandpool.server.session.Presence;
import dev.sandpool.server.session.Rate;
import dev.sandpool.server.session.SessionEntry;
import dev.sandpool.server.session.Sessions;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /.management/createSessionToken}: a token for one session, which is allocated if it
 * is not there (decision 29).
 */
final class TokenIssuing {
  private static final Duration USUAL = Duration.ofMinutes(15);
  private static final Duration LONGEST = Duration.ofHours(24);
  private static final int MOST_METHODS = 16;
  private static final int LONGEST_PREFIX = 1024;

  private final Loop loop;
  private final Sessions<SandboxConnections> sessions;
  private final SessionTokens tokens;

  TokenIssuing(Loop loop, Sessions<SandboxConnections> sessions, SessionTokens tokens) {
    this.loop = loop;
    this.sessions = sessions;
    this.tokens = tokens;
  }

  /** What is asked for. */
  private record Wanted(SessionKey key, Duration life, List<String> methods, String pathPrefix) {}

  /** Who is told of a token before it is handed out; may block. */
  interface Told {
    /**
     * @param allocated whether its session was given a sandbox for it
     */
    void issued(SessionToken token, boolean allocated);
  }

  private record Given(SandboxId sandbox, boolean allocated) {}

  /**
   * The call that a target asks for.
   *
   * @param caller who leaves the line for a sandbox when they leave
   * @throws ArmException 400 naming what is wrong
   */
  SessionCalls.Call call(
      String principal, PoolRoute route, String rest, Presence caller, Told told) {
    var wanted =
        new Wanted(
            new SessionKey(route.pool(), SessionIdentifier.require(rest)),
            life(QueryParameter.of(rest, "expiresInSeconds")),
            methods(QueryParameter.of(rest, "methods")),
            prefix(QueryParameter.of(rest, "pathPrefix")));
    return () -> issue(principal, route, wanted, caller, told);
  }

  private static Duration life(@Nullable String seconds) {
    if (seconds == null) {
      return USUAL;
    }
    boolean number =
        !seconds.isEmpty()
            && seconds.length() <= 6
            && seconds.chars().allMatch(c -> c >= '0' && c <= '9');
    long life = number ? Long.parseLong(seconds) : 0;
    if (life < 1 || life > LONGEST.toSeconds()) {
      throw invalid("expiresInSeconds", seconds, "1 to " + LONGEST.toSeconds());
    }
    return Duration.ofSeconds(life);
  }

  private static List<String> methods(@Nullable String text) {
    if (text == null) {
      return List.of();
    }
    List<String> methods =
        List.of(text.split(",", -1)).stream()
            .map(it -> it.strip().toUpperCase(Locale.ROOT))
            .toList();
    if (methods.size() > MOST_METHODS
        || !methods.stream().allMatch(it -> it.matches("[A-Z]{1,20}"))) {
      throw invalid("methods", text, "names of methods, separated by commas");
    }
    return methods;
  }

  private static String prefix(@Nullable String prefix) {
    if (prefix == null) {
      return "";
    }
    if (prefix.length() > LONGEST_PREFIX
        || !prefix.startsWith("/")
        || prefix.chars().anyMatch(c -> c <= ' ' || c >= 0x7f || c == '?' || c == '%')) {
      throw invalid("pathPrefix", prefix, "a path that begins with a slash, without '?' and '%'");
    }
    return prefix;
  }

  private static ArmException invalid(String name, String value, String accepted) {
    return new ArmException(
        400,
        "InvalidSessionToken",
        "The query parameter '%s' is '%s'; accepted: %s.".formatted(name, value, accepted));
  }

  private SessionCalls.Answer issue(
      String principal, PoolRoute route, Wanted wanted, Presence caller, Told told)
      throws InterruptedException, ComeAgain {
    Given session = session(principal, route, wanted.key(), caller);
    Instant expires = tokens.now().plus(wanted.life());
    var token =
        new SessionToken(
            route.pool().value(),
            wanted.key().identifier(),
            session.sandbox().value(),
            wanted.methods(),
            wanted.pathPrefix(),
            expires);
    told.issued(token, session.allocated());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("token", tokens.issue(token));
    answer.put("expiresAt", expires.toString());
    answer.put("endpoint", route.endpoint());
    return SessionCalls.json(answer);
  }

  private Given session(String principal, PoolRoute route, SessionKey key, Presence caller)
      throws InterruptedException, ComeAgain {
    SessionEntry<SandboxConnections> known = sessions.find(key);
    if (known != null && !known.closing()) {
      return new Given(known.sandbox(), false);
    }
    String refusal = route.options().refusal();
    if (refusal != null) {
      throw new ArmException(503, "IsolationNotAvailable", refusal);
    }
    long pause = sessions.crashPause(key);
    if (pause > 0) {
      throw new ComeAgain(Rate.seconds(pause), AdmissionProblems.crashing());
    }
    long wait = loop.allocations().take(principal, route);
    if (wait > 0) {
      throw new ComeAgain(
          Rate.seconds(wait), AdmissionProblems.tooManyAllocations(loop.allocations().many(route)));
    }
    boolean fresh = false;
    try {
      Given given = allocate(route, key, caller);
      fresh = given.allocated();
      return given;
    } finally {
      if (!fresh) {
        loop.allocations().giveBack(principal, route);
      }
    }
  }

  private Given allocate(PoolRoute route, SessionKey key, Presence caller)
      throws InterruptedException, ComeAgain {
    return switch (sessions.allocate(key, loop.limits().allocation(), caller)) {
      case Allocation.Held<SandboxConnections> held ->
          new Given(held.entry().sandbox(), held.fresh());
      case Allocation.Full<SandboxConnections> full ->
          throw new ComeAgain(
              Admission.retrySeconds(() -> sessions.vacancy(key.pool())),
              AdmissionProblems.full(route, full.maxSessions()));
      case Allocation.NoneReady<SandboxConnections> none ->
          throw new ComeAgain(
              Admission.retrySeconds(() -> sessions.readyPause(key.pool())),
              AdmissionProblems.noneReady(route, none.why()));
      case Allocation.NoPool<SandboxConnections> ignored -> throw Routing.noSuchPool();
      case Allocation.Left<SandboxConnections> ignored ->
          throw new ArmException(408, "CallerLeft", "Who asked for it has left.");
    };
  }
}
