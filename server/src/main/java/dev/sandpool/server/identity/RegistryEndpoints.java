package dev.sandpool.server.identity;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The token server of registries over HTTP: {@code /{tenant}/registry/token}, by GET with HTTP
 * Basic and by POST as OAuth 2, and {@code /{tenant}/registry/root.crt}.
 */
public final class RegistryEndpoints implements Handler<HttpServerRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryEndpoints.class);
  private static final Pattern PATH = Pattern.compile("/([^/]{1,64})/registry/(token|root\\.crt)");

  private final RegistryTokens tokens;
  private final RegistryTokens.Standing standing;
  private final Executor virtualThreads;
  private final TokenDesk desk;

  /** Checks secrets and signs on these threads, never on the event loop. */
  public RegistryEndpoints(
      RegistryTokens tokens,
      RegistryTokens.Standing standing,
      Executor virtualThreads,
      TokenDesk desk) {
    this.tokens = tokens;
    this.standing = standing;
    this.virtualThreads = virtualThreads;
    this.desk = desk;
  }

  /** Whether that path is one of these. */
  public static boolean handles(String path) {
    return PATH.matcher(path).matches();
  }

  @Override
  public void handle(HttpServerRequest request) {
    @Nullable String path = request.path();
    Matcher matcher = PATH.matcher(path == null ? "" : path);
    boolean get = HttpMethod.GET.equals(request.method());
    boolean post = HttpMethod.POST.equals(request.method());
    if (!matcher.matches()) {
      TokenHttp.refuse(request, 404, "there is nothing here");
    } else if (matcher.group(2).startsWith("root")) {
      root(request, matcher.group(1), get);
    } else if (get) {
      String query = Objects.requireNonNullElse(request.query(), "");
      answer(request, matcher.group(1), query, false);
    } else if (!post) {
      request.response().putHeader("allow", "GET, POST");
      TokenHttp.refuse(request, 405, "only GET and POST are possible here");
    } else if (!TokenHttp.isForm(request)) {
      TokenHttp.refuse(request, 400, "the content type is not " + TokenHttp.FORM);
    } else {
      TokenHttp.whenRead(
          request,
          body -> answer(request, matcher.group(1), body.toString(StandardCharsets.UTF_8), true));
    }
  }

  private void root(HttpServerRequest request, String tenant, boolean get) {
    if (!get) {
      request.response().putHeader("allow", "GET");
      TokenHttp.refuse(request, 405, "only GET is possible here");
    } else if (!tokens.knows(tenant)) {
      TokenHttp.refuse(request, 400, "there is no such tenant");
    } else {
      Context context = Objects.requireNonNull(Vertx.currentContext(), "not on an event loop");
      virtualThreads.execute(
          () -> {
            Optional<String> root = root();
            context.runOnContext(_ -> show(request, root));
          });
    }
  }

  private Optional<String> root() {
    try {
      return Optional.of(tokens.root());
    } catch (RuntimeException e) {
      LOG.error("the root certificate of registries' tokens cannot be had", e);
      return Optional.empty();
    }
  }

  private static void show(HttpServerRequest request, Optional<String> root) {
    if (root.isEmpty()) {
      TokenHttp.refuse(request, 500, "the authority failed");
    } else if (!request.response().closed()) {
      request.response().putHeader("content-type", "application/x-pem-file").end(root.get());
    }
  }

  private void answer(HttpServerRequest request, String tenant, String fields, boolean post) {
    Optional<String> authorization = Optional.ofNullable(request.getHeader("authorization"));
    String from = desk.failed().address(request);
    Context context = Objects.requireNonNull(Vertx.currentContext(), "not on an event loop");
    virtualThreads.execute(
        () -> {
          TokenResponse response = respond(tenant, fields, authorization, post, from);
          // Clients send no password before they are asked for one.
          context.runOnContext(_ -> TokenHttp.answer(request.response(), response, true));
        });
  }

  private TokenResponse respond(
      String tenant, String text, Optional<String> authorization, boolean post, String from) {
    Map<String, List<String>> fields;
    try {
      fields = OAuthForm.fields(text);
    } catch (IllegalArgumentException _) {
      return TokenResponse.Refused.invalidRequest("the fields are not " + TokenHttp.FORM);
    }
    return desk.answer(
        from,
        new TokenRequest(tenant, fields, authorization),
        asked -> tokens.token(asked, post, standing));
  }
}
