package dev.sandpool.server.management;

import static dev.sandpool.server.management.Shape.Value.TEXT;
import static dev.sandpool.server.management.Shape.Value.WHOLE;

import dev.sandpool.server.ledger.Probe;
import dev.sandpool.server.ledger.Probes;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a container's {@code probes} must keep to (contract 1.2), and what they mean. Absent fields
 * get their defaults.
 */
final class ProbeRules {
  /** The property's shape. */
  static final Shape SHAPE =
      new Shape.Arr(
          Shape.Obj.of(
              "type",
              TEXT,
              "httpGet",
              Shape.Obj.of(
                  "host",
                  TEXT,
                  "httpHeaders",
                  new Shape.Arr(Shape.Obj.of("name", TEXT, "value", TEXT)),
                  "path",
                  TEXT,
                  "port",
                  WHOLE,
                  "scheme",
                  TEXT),
              "tcpSocket",
              Shape.Obj.of("host", TEXT, "port", WHOLE),
              "failureThreshold",
              WHOLE,
              "initialDelaySeconds",
              WHOLE,
              "periodSeconds",
              WHOLE,
              "successThreshold",
              WHOLE,
              "terminationGracePeriodSeconds",
              WHOLE,
              "timeoutSeconds",
              WHOLE));

  private static final String LIVENESS = "Liveness";
  private static final String STARTUP = "Startup";
  private static final int MOST_FAILURES = 10;

  /** The documentation's own samples start with 30. */
  private static final int MOST_STARTUP_FAILURES = 300;

  private static final int MOST_HEADERS = 20;
  private static final int LONGEST = 1024;
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}");
  private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e]*");
  private static final Pattern PATH = Pattern.compile("/[\\x21-\\x7e]*");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.:\\[\\]_-]{1,255}");

  private final Faults faults;

  ProbeRules(Faults faults) {
    this.faults = faults;
  }

  /** Checks the probes of a container and fills in what is absent. */
  void check(ObjectNode container, String at) {
    Set<String> types = new HashSet<>();
    List<JsonNode> probes = Fields.elements(container, "probes");
    if (probes.isEmpty()) {
      container.remove("probes");
    }
    for (int i = 0; i < probes.size(); i++) {
      String here = at + ".probes[" + i + "]";
      if (probes.get(i) instanceof ObjectNode probe) {
        check(probe, here, types);
      } else {
        faults.add(here, "is not a probe.");
      }
    }
  }

  private void check(ObjectNode probe, String at, Set<String> types) {
    String type = type(probe, at);
    if (!types.add(type)) {
      faults.add(at + ".type", "is '" + type + "' of another probe; there may be one of each.");
    }
    boolean startup = type.equals(STARTUP);
    number(probe, "failureThreshold", 3, startup ? MOST_STARTUP_FAILURES : MOST_FAILURES, at);
    number(probe, "periodSeconds", 10, 240, at);
    number(probe, "timeoutSeconds", 1, 240, at);
    number(probe, "successThreshold", 1, 1, at);
    optional(probe, "initialDelaySeconds", 60, at);
    optional(probe, "terminationGracePeriodSeconds", 3600, at);
    boolean http = probe.path("httpGet") instanceof ObjectNode;
    boolean tcp = probe.path("tcpSocket") instanceof ObjectNode;
    if (http == tcp) {
      faults.add(
          at, "has " + (http ? "both" : "neither") + " httpGet and tcpSocket; it must have one.");
    }
    if (probe.path("httpGet") instanceof ObjectNode get) {
      http(get, at + ".httpGet");
    }
    if (probe.path("tcpSocket") instanceof ObjectNode socket) {
      port(socket, at + ".tcpSocket");
      ownHost(socket, at + ".tcpSocket");
    }
  }

  private String type(ObjectNode probe, String at) {
    String given = Fields.text(probe, "type").orElse("");
    for (String known : List.of(LIVENESS, STARTUP)) {
      if (known.equalsIgnoreCase(given)) {
        probe.put("type", known);
        return known;
      }
    }
    faults.add(
        at + ".type",
        "'" + given + "' is not supported. Supported values are [Liveness, Startup].");
    return given;
  }

  private void number(ObjectNode probe, String name, long otherwise, long most, String at) {
    long value = Fields.whole(probe, name).orElse(otherwise);
    probe.put(name, value);
    PoolRules.range(value, 1, most, at + "." + name, faults);
  }

  private void optional(ObjectNode probe, String name, long most, String at) {
    Fields.whole(probe, name)
        .ifPresentOrElse(
            value -> PoolRules.range(value, 1, most, at + "." + name, faults),
            () -> probe.remove(name));
  }

  private void http(ObjectNode get, String at) {
    port(get, at);
    String path = Fields.text(get, "path").orElse("/");
    get.put("path", path);
    if (path.length() > LONGEST || !PATH.matcher(path).matches()) {
      faults.add(
          at + ".path",
          "must begin with '/' and have at most " + LONGEST + " visible ASCII characters.");
    }
    String scheme = Fields.text(get, "scheme").orElse("HTTP").toUpperCase(Locale.ROOT);
    get.put("scheme", scheme);
    if (!scheme.equals("HTTP") && !scheme.equals("HTTPS")) {
      faults.add(
          at + ".scheme", "'" + scheme + "' is not supported. Supported values are [HTTP, HTTPS].");
    }
    Fields.text(get, "host")
        .filter(host -> !HOST.matcher(host).matches())
        .ifPresent(host -> faults.add(at + ".host", "'" + host + "' is not a host name."));
    headers(Fields.elements(get, "httpHeaders"), at + ".httpHeaders");
  }

  private void headers(List<JsonNode> headers, String at) {
    if (headers.size() > MOST_HEADERS) {
      faults.add(at, "has " + headers.size() + " headers; at most " + MOST_HEADERS + " are sent.");
    }
    for (int i = 0; i < headers.size(); i++) {
      String name = Fields.text(headers.get(i), "name").orElse("");
      String value = Fields.text(headers.get(i), "value").orElse("");
      if (!TOKEN.matcher(name).matches()) {
        faults.add(at + "[" + i + "].name", "'" + name + "' is not a header's name.");
      }
      if (value.length() > LONGEST || !VALUE.matcher(value).matches()) {
        faults.add(
            at + "[" + i + "].value",
            "must have at most " + LONGEST + " visible ASCII characters and blanks.");
      }
    }
  }

  private void port(ObjectNode target, String at) {
    Optional<Long> port = Fields.whole(target, "port");
    if (port.isEmpty()) {
      faults.add(at + ".port", "is required, 1 to 65535.");
    } else {
      PoolRules.range(port.get(), 1, 65535, at + ".port", faults);
    }
  }

  /** Another host would let a tenant have the server connect anywhere. */
  private void ownHost(ObjectNode socket, String at) {
    Fields.text(socket, "host")
        .ifPresent(
            host ->
                faults.add(
                    PoolRules.NOT_SUPPORTED,
                    at + ".host",
                    "'" + host + "' is not supported: a sandbox itself is probed. Leave it out."));
  }

  // --- reading ---------------------------------------------------------------------------------

  /** The probes of a container that has been checked. */
  static Probes read(JsonNode container) {
    Probe startup = null;
    Probe liveness = null;
    for (JsonNode probe : Fields.elements(container, "probes")) {
      if (Fields.text(probe, "type").orElse("").equals(STARTUP)) {
        startup = one(probe);
      } else {
        liveness = one(probe);
      }
    }
    return startup == null && liveness == null ? Probes.NONE : new Probes(startup, liveness);
  }

  private static Probe one(JsonNode probe) {
    JsonNode get = probe.path("httpGet");
    JsonNode target = get.isObject() ? get : probe.path("tcpSocket");
    return new Probe(
        whole(target, "port"),
        get.isObject() ? http(get) : null,
        whole(probe, "failureThreshold"),
        Fields.whole(probe, "initialDelaySeconds").map(Math::toIntExact).orElse(0),
        whole(probe, "periodSeconds"),
        whole(probe, "timeoutSeconds"),
        grace(probe));
  }

  private static @Nullable Integer grace(JsonNode probe) {
    return Fields.whole(probe, "terminationGracePeriodSeconds").map(Math::toIntExact).orElse(null);
  }

  private static Probe.Http http(JsonNode get) {
    return new Probe.Http(
        Fields.text(get, "scheme").orElse("").equals("HTTPS"),
        Fields.text(get, "path").orElseThrow(),
        Fields.text(get, "host").orElse(null),
        Fields.elements(get, "httpHeaders").stream()
            .map(
                header ->
                    new Probe.Header(
                        Fields.text(header, "name").orElseThrow(),
                        Fields.text(header, "value").orElse("")))
            .toList());
  }

  private static int whole(JsonNode node, String name) {
    return Math.toIntExact(Fields.whole(node, name).orElseThrow());
  }
}
