package dev.sandpool.server.management;

import dev.sandpool.server.role.Roles;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The management plane's HTTP edge: takes a request with its body, at most 1 MiB, has it answered
 * on a virtual thread, since resources block, and writes the answer.
 *
 * <p>But for the few paths that are open to all, who calls is asked before anything of the path is
 * looked at, so that a stranger learns nothing of what exists.
 */
public final class Management implements Handler<HttpServerRequest> {
  static final int MAX_BODY_BYTES = 1 << 20;

  private final Router open;
  private final Router router;
  private final TokenCheck tokens;
  private final Trail trail;
  private final Roles roles;
  private final Function<HttpServerRequest, String> callers;
  private final List<Mount> mounts;
  private final Bodies bodies;

  /**
   * @param mounts asked first, in order
   */
  public Management(ManagementParts parts, ManagementSettings settings, List<Mount> mounts) {
    this(parts, settings, mounts, Bodies.Limits.defaults());
  }

  Management(
      ManagementParts parts,
      ManagementSettings settings,
      List<Mount> mounts,
      Bodies.Limits limits) {
    this.open = Routes.open(settings);
    this.router = Routes.of(parts, settings);
    this.tokens = parts.tokens();
    this.trail = new Trail(parts.audit(), parts.time());
    this.roles = parts.roles();
    this.callers = settings.callers();
    this.mounts = List.copyOf(mounts);
    this.bodies = new Bodies(limits);
  }

  @Override
  public void handle(HttpServerRequest request) {
    bodies.watch(request);
    for (Mount mount : mounts) {
      if (mount.takes().test(request)) {
        mount.handler().handle(request);
        return;
      }
    }
    bodies.gather(request, body -> answer(request, body));
  }

  private void answer(HttpServerRequest request, Buffer body) {
    String requestId = UUID.randomUUID().toString();
    var responder = new Responder(request.response(), requestId);
    var incoming =
        new Incoming(
            requestId,
            callers.apply(request),
            request.method().name(),
            request.path() == null ? "/" : request.path(),
            query(request),
            bearer(request),
            request.getHeader("Accept"),
            new Preconditions(request.getHeader("If-Match"), request.getHeader("If-None-Match")),
            body);
    var dispatch = new Dispatch(open, router, tokens, roles, trail);
    Thread.ofVirtual()
        .name("management-" + requestId)
        .start(() -> responder.send(dispatch.answer(incoming)));
  }

  private static Map<String, String> query(HttpServerRequest request) {
    Map<String, String> query = new TreeMap<>();
    request
        .params()
        .forEach((name, value) -> query.putIfAbsent(name.toLowerCase(Locale.ROOT), value));
    return query;
  }

  private static @Nullable String bearer(HttpServerRequest request) {
    String header = request.getHeader("Authorization");
    return header != null && header.regionMatches(true, 0, "Bearer ", 0, 7)
        ? header.substring(7).strip()
        : null;
  }

  /**
   * A request as it came in.
   *
   * @param from the address that sent it
   * @param bearer null where there was none
   * @param accept which forms of answer the caller takes; null: any
   */
  record Incoming(
      String requestId,
      String from,
      String method,
      String path,
      Map<String, String> query,
      @Nullable String bearer,
      @Nullable String accept,
      Preconditions conditions,
      Buffer body) {}
}
