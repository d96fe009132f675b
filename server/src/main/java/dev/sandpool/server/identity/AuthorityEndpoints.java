package dev.sandpool.server.identity;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authority over HTTP: {@code /{tenant}/oauth2/v2.0/token}, {@code
 * /{tenant}/discovery/v2.0/keys}, {@code /{tenant}/v2.0/.well-known/openid-configuration} and
 * {@code /common/discovery/instance}.
 */
public final class AuthorityEndpoints implements Handler<HttpServerRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(AuthorityEndpoints.class);
  private static final Pattern PATH =
      Pattern.compile(
          "/([^/]{1,64})/(oauth2/v2\\.0/token|discovery/v2\\.0/keys|discovery/instance"
              + "|v2\\.0/\\.well-known/openid-configuration)");

  private final Authority authority;
  private final Executor virtualThreads;
  private final TokenTrail trail;

  /** Checks secrets and signs on these threads, never on the event loop. */
  public AuthorityEndpoints(Authority authority, Executor virtualThreads, TokenTrail trail) {
    this.authority = authority;
    this.virtualThreads = virtualThreads;
    this.trail = trail;
  }

  /** Whether that path is one of the authority's. */
  public static boolean handles(String path) {
    return PATH.matcher(path).matches();
  }

  @Override
  public void handle(HttpServerRequest request) {
    @Nullable String path = request.path();
    Matcher matcher = PATH.matcher(path == null ? "" : path);
    if (!matcher.matches()) {
      TokenHttp.refuse(request, 404, "there is nothing here");
    } else if (matcher.group(2).startsWith("oauth2")) {
      token(request, matcher.group(1));
    } else if (!HttpMethod.GET.equals(request.method())) {
      request.response().putHeader("allow", "GET");
      TokenHttp.refuse(request, 405, "only GET is possible here");
    } else if (!authority.knows(matcher.group(1))) {
      TokenHttp.refuse(request, 400, "there is no such tenant");
    } else {
      TokenHttp.answer(request.response(), 200, document(matcher.group(2)));
    }
  }

  private String document(String path) {
    return switch (path) {
      case "discovery/v2.0/keys" -> authority.keys();
      case "discovery/instance" -> authority.instances();
      default -> authority.discovery();
    };
  }

  private void token(HttpServerRequest request, String tenant) {
    if (!HttpMethod.POST.equals(request.method())) {
      request.response().putHeader("allow", "POST");
      TokenHttp.refuse(request, 405, "only POST is possible here");
      return;
    }
    if (!TokenHttp.isForm(request)) {
      TokenHttp.refuse(request, 400, "the content type is not " + TokenHttp.FORM);
      return;
    }
    Optional<String> authorization = Optional.ofNullable(request.getHeader("authorization"));
    String from = request.remoteAddress().hostAddress();
    Context context = Objects.requireNonNull(Vertx.currentContext(), "not on an event loop");
    TokenHttp.whenRead(
        request,
        body ->
            virtualThreads.execute(
                () -> {
                  TokenResponse response = respond(tenant, body, authorization, from);
                  context.runOnContext(
                      _ ->
                          TokenHttp.answer(
                              request.response(), response, authorization.isPresent()));
                }));
  }

  private TokenResponse respond(
      String tenant, Buffer body, Optional<String> authorization, @Nullable String from) {
    try {
      var fields = OAuthForm.fields(body.toString(StandardCharsets.UTF_8));
      var asked = new TokenRequest(tenant, fields, authorization);
      TokenResponse response = authority.token(asked);
      trail.answered(asked, response, from);
      return response;
    } catch (IllegalArgumentException _) {
      return TokenResponse.Refused.invalidRequest("the body is not " + TokenHttp.FORM);
    } catch (RuntimeException e) {
      LOG.error("the token endpoint failed", e);
      return new TokenResponse.Refused(500, "server_error", "the authority failed");
    }
  }
}
