package dev.sandpool.server.identity;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The authority over HTTP: {@code /{tenant}/oauth2/v2.0/token}, {@code
 * /{tenant}/discovery/v2.0/keys}, {@code /{tenant}/v2.0/.well-known/openid-configuration} and
 * {@code /common/discovery/instance}.
 */
public final class AuthorityEndpoints implements Handler<HttpServerRequest> {
  private static final Pattern PATH =
      Pattern.compile(
          "/([^/]{1,64})/(oauth2/v2\\.0/token|discovery/v2\\.0/keys|discovery/instance"
              + "|v2\\.0/\\.well-known/openid-configuration)");

  private final Authority authority;
  private final Executor virtualThreads;
  private final TokenDesk desk;

  /** Checks secrets and signs on these threads, never on the event loop. */
  public AuthorityEndpoints(Authority authority, Executor virtualThreads, TokenDesk desk) {
    this.authority = authority;
    this.virtualThreads = virtualThreads;
    this.desk = desk;
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
    String from = desk.failed().address(request);
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
      String tenant, Buffer body, Optional<String> authorization, String from) {
    Map<String, List<String>> fields;
    try {
      fields = OAuthForm.fields(body.toString(StandardCharsets.UTF_8));
    } catch (IllegalArgumentException _) {
      return TokenResponse.Refused.invalidRequest("the body is not " + TokenHttp.FORM);
    }
    return desk.answer(from, new TokenRequest(tenant, fields, authorization), authority::token);
  }
}
