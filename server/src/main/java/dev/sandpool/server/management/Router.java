package dev.sandpool.server.management;

import dev.sandpool.server.role.Scope;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the handler of a method and path. Templates are split at slashes; {@code {name}} takes one
 * segment, {@code {+name}} at the beginning any number; the rest is compared without regard to
 * case, as ARM does. Empty segments are passed over, since clients join addresses carelessly.
 */
final class Router {
  private final List<Route> routes = new ArrayList<>();

  /** Answers a request that was found. Runs on a virtual thread. */
  @FunctionalInterface
  interface Endpoint {
    Answer answer(Call call) throws java.io.IOException;
  }

  /** Whether a route needs {@code api-version}. */
  enum Versioning {
    REQUIRED,
    ANY
  }

  /** What was found. */
  sealed interface Match {}

  /** The endpoint, whom it is for, and what the path says. */
  record Found(
      Endpoint endpoint,
      Versioning versioning,
      Guard guard,
      Scope scope,
      Map<String, String> parameters)
      implements Match {}

  /** There is such a path, with these methods. */
  record WrongMethod(Set<String> allowed) implements Match {}

  /** There is no such path. */
  record Unknown() implements Match {}

  private record Route(
      String method, List<String> template, Versioning versioning, Guard guard, Endpoint endpoint) {
    String operation() {
      return method + " /" + String.join("/", template);
    }
  }

  /** An ARM route, which needs {@code api-version}. */
  Router arm(String method, String template, Guard guard, Endpoint endpoint) {
    routes.add(new Route(method, segments(template), Versioning.REQUIRED, guard, endpoint));
    return this;
  }

  /** A route that works without {@code api-version}: ours, or one of another provider's age. */
  Router unversioned(String method, String template, Guard guard, Endpoint endpoint) {
    routes.add(new Route(method, segments(template), Versioning.ANY, guard, endpoint));
    return this;
  }

  /** The methods and templates of all routes, {@code GET /a/{b}}. */
  List<String> routes() {
    return routes.stream().map(Route::operation).toList();
  }

  /** What each of {@link #routes()} asks of its callers. */
  Map<String, Guard> guards() {
    Map<String, Guard> guards = new LinkedHashMap<>();
    routes.forEach(route -> guards.put(route.operation(), route.guard));
    return guards;
  }

  /** Finds the route of a path as it is on the wire. */
  Match find(String method, String path) {
    List<String> segments = segments(path);
    Set<String> allowed = new TreeSet<>();
    for (Route route : routes) {
      Map<String, String> parameters = match(route.template, segments);
      if (parameters != null && route.method.equals(method)) {
        return new Found(
            route.endpoint, route.versioning, route.guard, scope(route, parameters), parameters);
      }
      if (parameters != null) {
        allowed.add(route.method);
      }
    }
    return allowed.isEmpty() ? new Unknown() : new WrongMethod(allowed);
  }

  /** The resource, resource group or subscription that a path names; else everything. */
  private static Scope scope(Route route, Map<String, String> parameters) {
    if (parameters.containsKey("scope")) {
      return Scope.of(Objects.requireNonNull(parameters.get("scope")));
    }
    int name = route.template.indexOf("{name}");
    int end =
        name >= 0
            ? name + 1
            : route.template.contains("{group}")
                ? route.template.indexOf("{group}") + 1
                : route.template.indexOf("{subscription}") + 1;
    var id = new StringBuilder();
    for (String segment : route.template.subList(0, end)) {
      boolean parameter = segment.startsWith("{");
      String key = parameter ? segment.substring(1, segment.length() - 1) : segment;
      id.append('/').append(parameter ? parameters.get(key) : segment);
    }
    return Scope.of(id.toString());
  }

  private static List<String> segments(String path) {
    return Arrays.stream(path.split("/")).filter(segment -> !segment.isEmpty()).toList();
  }

  private static @Nullable Map<String, String> match(List<String> template, List<String> segments) {
    Map<String, String> parameters = new LinkedHashMap<>();
    boolean open = template.getFirst().startsWith("{+");
    int skipped = open ? segments.size() - template.size() + 1 : 0;
    if (skipped < 0 || (!open && template.size() != segments.size())) {
      return null;
    }
    if (open) {
      String scope = joined(segments.subList(0, skipped));
      if (scope == null) {
        return null;
      }
      parameters.put(template.getFirst().substring(2, template.getFirst().length() - 1), scope);
    }
    for (int i = open ? 1 : 0; i < template.size(); i++) {
      String wanted = template.get(i);
      String given = decoded(segments.get(open ? skipped + i - 1 : i));
      if (given == null) {
        return null;
      }
      if (wanted.startsWith("{")) {
        parameters.put(wanted.substring(1, wanted.length() - 1), given);
      } else if (!wanted.equalsIgnoreCase(given)) {
        return null;
      }
    }
    return parameters;
  }

  /** The segments, each after a slash; null where one is not what it should be. */
  private static @Nullable String joined(List<String> segments) {
    var path = new StringBuilder();
    for (String segment : segments) {
      String text = decoded(segment);
      if (text == null) {
        return null;
      }
      path.append('/').append(text);
    }
    return path.toString();
  }

  /** Null where it is not percent-encoding, or hides a slash: no name of ours has one. */
  private static @Nullable String decoded(String segment) {
    try {
      String text = URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
      return text.indexOf('/') >= 0 || text.chars().anyMatch(Character::isISOControl) ? null : text;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
