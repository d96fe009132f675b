package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.Isolation;
import dev.sandpool.model.MergePatch;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.pool.Pools;
import dev.sandpool.server.time.Time;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code {pool}/settings/default}: GET, PUT, PATCH. It is there as long as its pool is; what was
 * not given is null or false.
 */
final class SettingsResource {
  static final String ISOLATION = "isolation";
  static final String IDLE_STREAM = "idleStreamSeconds";
  static final String SESSION_OPERATIONS = "sessionOperations";
  static final String INGRESS_PROTOCOL = "ingressProtocol";
  static final String HTTP2 = "http2";
  static final String PINGS = "pingsKeepAlive";
  static final String ALLOCATIONS = "allocationsPerMinute";
  static final String REQUEST_RATE = "requestsPerSecond";
  static final String IN_FLIGHT = "requestsInFlight";
  static final String CONNECTIONS = "connections";
  static final String BROWSER_SANDBOX = "browserSandbox";
  static final String ALLOWED_ORIGINS = "allowedOrigins";
  static final String CUSTOM_DOMAINS = "customDomains";
  static final String SNAPSHOT_START = "snapshotStart";
  private static final String HTTP1 = "http1";

  /** The numbers, each from 1 up to this; null where a pool says nothing. */
  private static final Map<String, Integer> MOST =
      new TreeMap<>(
          Map.of(
              IDLE_STREAM, 86_400,
              ALLOCATIONS, 1_000_000,
              REQUEST_RATE, 1_000_000,
              IN_FLIGHT, 1_000_000,
              CONNECTIONS, 1_000_000));

  private static final Shape.Obj BODY =
      Shape.Obj.of(
          "properties",
          Shape.Obj.of(
              ISOLATION, Shape.Value.TEXT,
              IDLE_STREAM, Shape.Value.WHOLE,
              SESSION_OPERATIONS, Shape.Value.TRUTH,
              INGRESS_PROTOCOL, Shape.Value.TEXT,
              PINGS, Shape.Value.TRUTH,
              ALLOCATIONS, Shape.Value.WHOLE,
              REQUEST_RATE, Shape.Value.WHOLE,
              IN_FLIGHT, Shape.Value.WHOLE,
              CONNECTIONS, Shape.Value.WHOLE,
              BROWSER_SANDBOX, Shape.Value.TRUTH,
              ALLOWED_ORIGINS, new Shape.Arr(Shape.Value.TEXT),
              CUSTOM_DOMAINS, new Shape.Arr(Shape.Value.TEXT),
              SNAPSHOT_START, Shape.Value.TRUTH),
          "id",
          Shape.Value.READ_ONLY,
          "name",
          Shape.Value.READ_ONLY,
          "type",
          Shape.Value.READ_ONLY,
          "systemData",
          Shape.Value.READ_ONLY);

  private final Ledger ledger;
  private final PoolStore store;
  private final Pools pools;
  private final Time time;
  private final Supplier<EngineInfo> engine;
  private final CustomDomains domains;
  private final Lock changes;

  SettingsResource(ManagementParts parts, CustomDomains domains, PoolStore store, Lock changes) {
    this.ledger = parts.ledger();
    this.store = store;
    this.pools = parts.pools();
    this.time = parts.time();
    this.engine = parts.engine();
    this.domains = domains;
    this.changes = changes;
  }

  Answer list(Call call) {
    ObjectNode body = Fields.empty();
    body.putArray("value").add(body(stored(pool(call))));
    return Answer.of(200, body);
  }

  Answer get(Call call) {
    ResourceRecord stored = stored(pool(call));
    return call.conditions().unchanged(stored)
        ? Answer.empty(304).with("ETag", Preconditions.tag(stored))
        : shown(stored);
  }

  Answer put(Call call) {
    return change(call, false);
  }

  Answer patch(Call call) {
    return change(call, true);
  }

  private Answer change(Call call, boolean merge) {
    changes.lock();
    try {
      PoolStore.Stored pool = pool(call);
      SessionPoolsResource.refuseDeleting(pool);
      ResourceRecord old = stored(pool);
      call.conditions().checkChange(Optional.of(old));
      var faults = new Faults();
      ObjectNode given = Shape.read(BODY, call.json(), faults, call.ignored());
      ObjectNode before = Documents.parse(old);
      var properties =
          (ObjectNode)
              MergePatch.apply(merge ? before : Fields.empty(), Fields.object(given, "properties"));
      check(properties, faults);
      domains.check(properties.path(CUSTOM_DOMAINS), taken(pool), faults);
      faults.throwIfAny();
      if (properties.toString().equals(before.toString())) {
        return shown(old);
      }
      Instant now = time.now();
      String who = call.principal().name();
      var resource =
          new ResourceRecord(
              old.id(),
              PoolSettings.TYPE,
              properties.toString(),
              old.createdBy(),
              old.createdAt(),
              who,
              now);
      ledger.putResource(resource);
      pools.changed(pool.pool().id());
      return shown(resource);
    } finally {
      changes.unlock();
    }
  }

  /** What other pools have; asked for under the lock of changes, so that two cannot take one. */
  private Set<String> taken(PoolStore.Stored pool) {
    String own = pool.resource().id().toLowerCase(Locale.ROOT);
    return PoolSettings.all(ledger).entrySet().stream()
        .filter(other -> !other.getKey().equals(own))
        .flatMap(other -> other.getValue().customDomains().stream())
        .collect(Collectors.toSet());
  }

  private void check(ObjectNode properties, Faults faults) {
    Fields.text(properties, ISOLATION).ifPresent(label -> isolation(label, faults));
    Fields.text(properties, INGRESS_PROTOCOL).ifPresent(name -> protocol(name, faults));
    WebOrigins.check(properties.path(ALLOWED_ORIGINS), "properties." + ALLOWED_ORIGINS, faults);
    MOST.forEach(
        (name, most) ->
            Fields.whole(properties, name)
                .ifPresent(given -> PoolRules.range(given, 1, most, "properties." + name, faults)));
  }

  private static void protocol(String name, Faults faults) {
    if (!name.equals(HTTP1) && !name.equals(HTTP2)) {
      faults.add(
          "properties." + INGRESS_PROTOCOL,
          "'%s' is not one of %s, %s.".formatted(name, HTTP1, HTTP2));
    }
  }

  /** A pool that asks for more than the host has is refused, never quietly downgraded. */
  private void isolation(String label, Faults faults) {
    String target = "properties." + ISOLATION;
    EngineInfo here = engine.get();
    Optional<Isolation> wanted = Isolation.ofLabel(label);
    if (wanted.isEmpty()) {
      faults.add(target, "'%s' is not one of %s.".formatted(label, labels()));
    } else if (!here.satisfies(wanted.get())) {
      faults.add(
          "IsolationNotAvailable",
          target,
          "'%s' is more than this host has, which is %s.".formatted(label, here.offer()));
    }
  }

  private static String labels() {
    return Arrays.stream(Isolation.values())
        .map(Isolation::label)
        .collect(Collectors.joining(", "));
  }

  private PoolStore.Stored pool(Call call) {
    ResourceId id = call.resource(ResourceId.SESSION_POOLS);
    if (!call.parameters()
        .getOrDefault("settings", PoolSettings.NAME)
        .equalsIgnoreCase("default")) {
      throw new ArmException(
          404, NotFound.CODE, "A session pool's settings have one name, 'default'.");
    }
    return store.find(id).orElseThrow(() -> NotFound.of(id));
  }

  /** What is stored, or what holds as long as nothing is. */
  private ResourceRecord stored(PoolStore.Stored pool) {
    ResourceRecord owner = pool.resource();
    String id = PoolSettings.id(owner.id());
    return ledger
        .resource(id)
        .orElseGet(
            () ->
                new ResourceRecord(
                    id,
                    PoolSettings.TYPE,
                    "{}",
                    owner.createdBy(),
                    owner.createdAt(),
                    owner.createdBy(),
                    owner.createdAt()));
  }

  private static Answer shown(ResourceRecord resource) {
    return Answer.of(200, body(resource)).with("ETag", Preconditions.tag(resource));
  }

  private static ObjectNode body(ResourceRecord resource) {
    JsonNode stored = Documents.parse(resource);
    ObjectNode body = Fields.empty();
    body.put("id", resource.id());
    body.put("name", PoolSettings.NAME);
    body.put("type", PoolSettings.TYPE);
    body.set("systemData", Documents.systemData(resource, false));
    ObjectNode properties = body.putObject("properties");
    properties.put(ISOLATION, Fields.text(stored, ISOLATION).orElse(null));
    properties.put(IDLE_STREAM, Fields.whole(stored, IDLE_STREAM).orElse(null));
    properties.put(SESSION_OPERATIONS, stored.path(SESSION_OPERATIONS).asBoolean(false));
    properties.put(INGRESS_PROTOCOL, Fields.text(stored, INGRESS_PROTOCOL).orElse(HTTP1));
    properties.put(PINGS, stored.path(PINGS).asBoolean(false));
    properties.put(ALLOCATIONS, Fields.whole(stored, ALLOCATIONS).orElse(null));
    properties.put(REQUEST_RATE, Fields.whole(stored, REQUEST_RATE).orElse(null));
    properties.put(IN_FLIGHT, Fields.whole(stored, IN_FLIGHT).orElse(null));
    properties.put(CONNECTIONS, Fields.whole(stored, CONNECTIONS).orElse(null));
    properties.put(BROWSER_SANDBOX, stored.path(BROWSER_SANDBOX).asBoolean(true));
    ArrayNode origins = properties.putArray(ALLOWED_ORIGINS);
    WebOrigins.of(stored.path(ALLOWED_ORIGINS)).forEach(origins::add);
    ArrayNode domains = properties.putArray(CUSTOM_DOMAINS);
    CustomDomains.of(stored.path(CUSTOM_DOMAINS)).forEach(domains::add);
    properties.put(SNAPSHOT_START, stored.path(SNAPSHOT_START).asBoolean(true));
    return body;
  }
}
