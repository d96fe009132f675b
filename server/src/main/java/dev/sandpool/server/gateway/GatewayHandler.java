package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.role.Action;
import dev.sandpool.server.role.MissingRight;
import dev.sandpool.server.role.Scope;
import dev.sandpool.server.session.SessionEntry;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a request up to its session: which pool, who asks, which identifier. Who has no right
 * learns nothing about pools: the token is asked for before anything found is shown; only who may
 * call from a browser, which browsers ask for without a token, is told before. One for each event
 * loop.
 */
final class GatewayHandler implements Handler<HttpServerRequest> {
  private static final Logger log = LoggerFactory.getLogger(GatewayHandler.class);

  /** Who asks with a token of one session, for logs: it does not say whom it was given to. */
  private static final String SESSION_TOKEN = "session-token";

  private final Loop loop;
  private final Routing routing;
  private final GatewayParts parts;
  private final Problems problems;
  private final Admission admission;
  private final ManagementPath management;
  private final SessionOperations operations;
  private final SessionHosts hosts;
  private final HostSearches searches;
  private final TrustedProxies proxies;

  GatewayHandler(Loop loop, GatewaySettings settings, GatewayParts parts) {
    this.loop = loop;
    this.parts = parts;
    this.routing = new Routing(parts.pools(), settings.environmentDomain());
    this.problems = new Problems(settings.authority());
    this.admission = new Admission(loop, parts.sessions(), problems);
    this.proxies = settings.trustedProxies();
    this.hosts = new SessionHosts(parts.hostHashing());
    this.searches = new HostSearches(loop, parts.sessions(), hosts);
    var calls = new SessionCalls(loop, problems);
    SessionTokens tokens = parts.sessionTokens();
    this.management =
        new ManagementPath(
            calls,
            parts.sessions(),
            hosts,
            tokens == null ? null : new TokenIssuing(loop, parts.sessions(), tokens),
            loop.trail());
    this.operations = new SessionOperations(calls, parts.sessions(), loop.trail());
  }

  @Override
  public void handle(HttpServerRequest request) {
    RequestBody.expect(request);
    if (loop.connections().isUnread(request)) {
      // Told in the middle of a write.
      loop.connections().hold(request, () -> loop.run(() -> begin(request, true)));
    } else {
      begin(request, false);
    }
  }

  /**
   * @param held whether it waited for its caller to read, with its body
   */
  private void begin(HttpServerRequest request, boolean held) {
    RequestId id = loop.newRequestId();
    loop.connections().began(request, id.arrivedNanos());
    try {
      accept(request, id, held);
    } catch (ArmException e) {
      refuse(request, id, e);
    } catch (RuntimeException e) {
      failed(request, id, e);
    }
  }

  /** What the decoder refused: a head too long or malformed, a length said in two ways. */
  void handleInvalid(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    refuse(request, loop.newRequestId(), InvalidRequests.problem(cause));
  }

  private void accept(HttpServerRequest request, RequestId id, boolean held) {
    if (request.method().equals(HttpMethod.CONNECT)) {
      throw new ArmException(405, "MethodNotAllowed", "This is no forward proxy.");
    }
    RequestHeaders headers = RequestHeaders.of(request);
    Routing.Target target =
        routing.of(headers.host(), RequestTarget.originForm(request.uri(), headers.host()));
    if (target == null) {
      elsewhere(request, held);
      return;
    }
    PoolRoute route = target.route();
    if (route != null) {
      BrowserRules rules = route.options().browser();
      if (CrossOrigin.tookPreflight(rules, request, headers, id)) {
        return;
      }
      CrossOrigin.begin(rules, headers, request.response().headers());
    }
    String token = token(request, headers);
    SessionTokens sessionTokens = parts.sessionTokens();
    if (sessionTokens != null && SessionTokens.isOne(token)) {
      proceed(request, headers, id, target, sessionTokens.open(token));
      return;
    }
    switch (parts.tokens().known(token)) {
      case TokenCheck.Accepted accepted -> proceed(request, headers, id, target, accepted);
      case TokenCheck.Refused refused -> throw refusal(refused);
      case TokenCheck.Later later -> refuseForNow(request, id, later);
      case TokenCheck.Unknown ignored -> verify(request, headers, id, target, token);
    }
  }

  private void elsewhere(HttpServerRequest request, boolean held) {
    Handler<HttpServerRequest> fallback = parts.fallback();
    if (fallback == null) {
      throw new ArmException(404, "ResourceNotFound", "Neither host nor path names a pool.");
    }
    fallback.handle(request);
    if (held) {
      request.resume(); // Who takes its body is there now.
    }
  }

  private static String token(HttpServerRequest request, RequestHeaders headers) {
    CharSequence authorization = headers.authorization();
    CharSequence upgrade = headers.upgrade(request.method());
    if (upgrade != null && HeaderRules.is(upgrade, "websocket")) {
      String carried = SubprotocolToken.take(headers.all());
      if (carried != null && authorization != null) {
        throw new ArmException(
            400, "DuplicateHeader", "There is a token in 'Authorization' and in a protocol.");
      }
      // Whoever opens everything has no reason to be in a browser's script.
      if (carried != null && SessionTokens.isOne(carried)) {
        return carried;
      }
    }
    String token = authorization == null ? null : BearerToken.of(authorization.toString());
    if (token == null) {
      throw new ArmException(401, "Unauthenticated", "A bearer token is required.");
    }
    return token;
  }

  private static ArmException refusal(TokenCheck.Refused refused) {
    return new ArmException(401, refused.code(), refused.message());
  }

  private void verify(
      HttpServerRequest request,
      RequestHeaders headers,
      RequestId id,
      Routing.Target target,
      String token) {
    if (headers.hasBody()) {
      request.pause();
    }
    String from = proxies.caller(request);
    Thread.ofVirtual()
        .name("verify")
        .start(
            () -> {
              TokenCheck.Verdict verdict = verdict(token, from, id);
              loop.run(() -> verified(request, headers, id, target, verdict));
            });
  }

  /** The token itself never gets into a log. */
  private TokenCheck.Verdict verdict(String token, String from, RequestId id) {
    try {
      return parts.tokens().verify(token, from);
    } catch (RuntimeException e) {
      log.error("the token of request {} could not be examined", id, e);
      return new TokenCheck.Refused("Unauthenticated", "The token could not be examined.");
    }
  }

  private void verified(
      HttpServerRequest request,
      RequestHeaders headers,
      RequestId id,
      Routing.Target target,
      TokenCheck.Verdict verdict) {
    try {
      switch (verdict) {
        case TokenCheck.Accepted accepted -> proceed(request, headers, id, target, accepted);
        case TokenCheck.Refused refused -> throw refusal(refused);
        case TokenCheck.Later later -> refuseForNow(request, id, later);
        case TokenCheck.Unknown ignored ->
            throw new IllegalStateException("a token was examined and is still unknown");
      }
    } catch (ArmException e) {
      refuse(request, id, e);
    } catch (RuntimeException e) {
      failed(request, id, e);
    }
  }

  private void proceed(
      HttpServerRequest request,
      RequestHeaders headers,
      RequestId id,
      Routing.Target target,
      TokenCheck.Accepted caller) {
    PoolRoute route = target.route();
    Scope scope = route == null ? target.scope() : route.scope();
    if (!caller.rights().allow(Action.SESSION_USE, scope)) {
      refuse(
          request,
          id,
          caller.principal(),
          MissingRight.of(caller.caller(), Action.SESSION_USE, target.scope()));
      return;
    }
    if (route == null) {
      throw Routing.noSuchPool();
    }
    String rest = target.rest();
    if (!RequestPath.isForwardable(rest)) {
      throw new ArmException(400, "InvalidRequestTarget", "The path must begin with a slash.");
    }
    boolean operation = route.options().sessionOperations() && SessionOperations.takes(rest);
    if (RequestPath.isManagement(rest) || operation) {
      if (target.sessionHash() != null) {
        // A page in a session's own origin could list and stop the sessions of others.
        throw new ArmException(
            404, "OperationNotFound", "Calls about sessions are made at the pool's address.");
      }
      if (operation) {
        operations.handle(request, id, caller.principal(), route, rest);
      } else {
        management.handle(request, id, caller.principal(), route, rest);
      }
      return;
    }
    toSession(request, headers, id, target, caller.principal(), null);
  }

  /** What a session token opens: requests to its session, and none of the calls about sessions. */
  private void proceed(
      HttpServerRequest request,
      RequestHeaders headers,
      RequestId id,
      Routing.Target target,
      SessionToken token) {
    PoolRoute route = target.route();
    String rest = target.rest();
    String named = SessionIdentifier.isGiven(rest) ? SessionIdentifier.require(rest) : null;
    boolean ours =
        RequestPath.isManagement(rest)
            || (route != null
                && route.options().sessionOperations()
                && SessionOperations.takes(rest));
    String host = target.sessionHash();
    boolean elsewhere = route != null && host != null && !host.equals(hosts.hash(token.key(route)));
    token.require(ours || elsewhere ? null : route, request.method().name(), rest, named);
    token.requireNoOther(headers.all());
    toSession(request, headers, id, target, SESSION_TOKEN, token);
  }

  /**
   * @param token what the caller may be answered by; null: by the session that it names
   */
  private void toSession(
      HttpServerRequest request,
      RequestHeaders headers,
      RequestId id,
      Routing.Target target,
      String principal,
      @Nullable SessionToken token) {
    PoolRoute route = Objects.requireNonNull(target.route(), "admitted without a pool");
    String rest = target.rest();
    if (!RequestPath.isForwardable(rest)) {
      throw new ArmException(400, "InvalidRequestTarget", "The path must begin with a slash.");
    }
    String refusal = route.options().refusal();
    if (refusal != null) {
      throw new ArmException(503, "IsolationNotAvailable", refusal);
    }
    if (target.byPath() && route.options().browser().sandboxed()) {
      request.response().putHeader(Names.CONTENT_SECURITY_POLICY, Names.SANDBOX);
    }
    Incoming incoming = new Incoming(request, headers, id, route, principal, rest, token);
    String hash = target.sessionHash();
    if (token != null) {
      admit(incoming, token.identifier(), new OnlySandbox(token.sandbox(), SessionTokens::ended));
    } else if (hash == null) {
      admit(incoming, identifier(incoming), null);
    } else {
      admitAtHost(incoming, hash);
    }
  }

  /** A request that may be made, whose session is still to be found out. */
  private record Incoming(
      HttpServerRequest request,
      RequestHeaders headers,
      RequestId id,
      PoolRoute route,
      String principal,
      String target,
      @Nullable SessionToken token) {}

  private static String identifier(Incoming incoming) {
    return incoming.route().options().http2()
        ? SessionIdentifier.require(
            incoming.target(), incoming.headers().all().get(Names.IDENTIFIER))
        : SessionIdentifier.require(incoming.target());
  }

  /** A document's further requests name their session by its host alone. */
  private void admitAtHost(Incoming incoming, String hash) {
    PoolRoute route = incoming.route();
    if (SessionIdentifier.isGiven(incoming.target())
        || (route.options().http2() && incoming.headers().all().contains(Names.IDENTIFIER))) {
      String identifier = identifier(incoming);
      hosts.require(hash, new SessionKey(route.pool(), identifier));
      admit(incoming, identifier, null);
      return;
    }
    SessionEntry<SandboxConnections> known = searches.known(route.pool(), hash);
    if (known != null) {
      admitTo(incoming, known);
      return;
    }
    if (searches.areTooMany()) {
      incoming.request().response().putHeader("Retry-After", "1");
      throw new ArmException(
          503, "SessionPoolBusy", "Too many sessions are being looked for; say 'identifier'.");
    }
    if (incoming.headers().hasBody()) {
      incoming.request().pause();
    }
    searches.begin(
        route.pool(),
        hash,
        found -> admitFound(incoming, found),
        cause -> failed(incoming.request(), incoming.id(), cause));
  }

  private void admitFound(Incoming incoming, Optional<SessionKey> found) {
    try {
      SessionEntry<SandboxConnections> entry =
          parts.sessions().find(found.orElseThrow(SessionCalls::noSession));
      if (entry == null) {
        throw SessionCalls.noSession();
      }
      admitTo(incoming, entry);
    } catch (ArmException e) {
      refuse(incoming.request(), incoming.id(), e);
    } catch (RuntimeException e) {
      failed(incoming.request(), incoming.id(), e);
    }
  }

  /** A document whose session has ended must not make another. */
  private void admitTo(Incoming incoming, SessionEntry<SandboxConnections> entry) {
    var only = new OnlySandbox(entry.sandbox().value(), SessionCalls::noSession);
    admit(incoming, entry.key().identifier(), only);
  }

  private void admit(Incoming incoming, String identifier, @Nullable OnlySandbox only) {
    admission.admit(poolRequest(incoming, identifier, only));
  }

  private PoolRequest poolRequest(
      Incoming incoming, String identifier, @Nullable OnlySandbox only) {
    HttpServerRequest request = incoming.request();
    RequestHeaders headers = incoming.headers();
    var key = new SessionKey(incoming.route().pool(), identifier);
    @Nullable CharSequence upgrade = headers.upgrade(request.method());
    return new PoolRequest(
        request,
        headers,
        incoming.id(),
        incoming.route(),
        key,
        incoming.principal(),
        incoming.target(),
        Forwarded.of(proxies, request, headers),
        upgrade,
        loop.time().nanos(),
        only,
        0);
  }

  private void failed(HttpServerRequest request, RequestId id, RuntimeException cause) {
    log.error("request {} failed", id, cause);
    refuse(request, id, new ArmException(500, "InternalServerError", "The request failed here."));
  }

  private void refuse(HttpServerRequest request, RequestId id, ArmException problem) {
    refuse(request, id, null, problem);
  }

  private void refuseForNow(HttpServerRequest request, RequestId id, TokenCheck.Later later) {
    var problem =
        new ArmException(
            429, "TooManyFailedTokens", "Too many tokens from this address were not valid.");
    note(request, id, null, problem);
    problems.sendRetry(request, id, problem, later.seconds());
  }

  private void refuse(
      HttpServerRequest request, RequestId id, @Nullable String principal, ArmException problem) {
    note(request, id, principal, problem);
    problems.send(request, id, problem);
  }

  private void note(
      HttpServerRequest request, RequestId id, @Nullable String principal, ArmException problem) {
    parts.meters().strayRequest(problem.status());
    RequestNotes notes = loop.notes();
    if (notes != null) {
      notes.offer(AccessLine.refused(request, id, problem, loop.time().nanos()));
    }
    loop.trail().refused(request, id, principal, problem);
  }
}
