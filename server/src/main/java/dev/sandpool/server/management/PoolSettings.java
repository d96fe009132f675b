package dev.sandpool.server.management;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.ResourceRecord;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What ARM has no field for: the child resource {@code settings/default} of a session pool.
 *
 * @param isolation the least that must stand between a sandbox and the host; empty: whatever does
 * @param idleStream how long an opened stream may move nothing; empty: as the server's
 * @param sessionOperations whether the server answers {@code /session} and {@code /listSessions}
 * @param pingsKeepAlive whether WebSocket pings count as use of a session
 * @param allocationsPerMinute new sessions for one principal; empty: as the server's
 * @param requestsPerSecond for one identifier; empty: any number
 * @param requestsInFlight of the pool at once; empty: any number
 * @param connections of callers to the pool; empty: as many as the server's
 * @param http2 whether sandboxes are spoken to in HTTP/2 without TLS
 * @param browserSandbox whether browsers keep documents by path out of the origin shared there
 * @param allowedOrigins whose scripts may call the pool
 * @param customDomains hosts that are the pool's own
 * @param snapshotStart whether sandboxes may start as clones of one that was ready
 */
public record PoolSettings(
    Optional<Isolation> isolation,
    Optional<Duration> idleStream,
    boolean sessionOperations,
    boolean http2,
    boolean pingsKeepAlive,
    Optional<Integer> allocationsPerMinute,
    Optional<Integer> requestsPerSecond,
    Optional<Integer> requestsInFlight,
    Optional<Integer> connections,
    boolean browserSandbox,
    List<String> allowedOrigins,
    List<String> customDomains,
    boolean snapshotStart) {
  static final String TYPE = ResourceId.SESSION_POOLS + "/settings";
  static final String NAME = "default";

  /** Those of a pool that was given none. */
  public static final PoolSettings DEFAULT =
      new PoolSettings(
          Optional.empty(),
          Optional.empty(),
          false,
          false,
          false,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          true,
          List.of(),
          List.of(),
          true);

  /**
   * Why a host with that engine must run nothing of the pool; it may have been given another one
   * since the settings were accepted.
   */
  public Optional<String> refusal(EngineInfo here) {
    return isolation
        .filter(wanted -> !here.satisfies(wanted))
        .map(
            wanted ->
                "The pool asks for isolation '%s'; this host has %s."
                    .formatted(wanted.label(), here.offer()));
  }

  /** The id of a pool's settings. */
  static String id(String pool) {
    return pool + "/settings/" + NAME;
  }

  /** All that are stored, by the pool's resource id in lower case. */
  public static Map<String, PoolSettings> all(Ledger ledger) {
    Map<String, PoolSettings> all = new HashMap<>();
    int suffix = id("").length();
    for (ResourceRecord resource : ledger.resources(TYPE, "")) {
      String id = resource.id().toLowerCase(Locale.ROOT);
      all.put(id.substring(0, id.length() - suffix), of(Documents.parse(resource)));
    }
    return all;
  }

  /** Those of one pool. */
  public static PoolSettings of(Ledger ledger, String poolResourceId) {
    return ledger
        .resource(id(poolResourceId))
        .map(resource -> of(Documents.parse(resource)))
        .orElse(DEFAULT);
  }

  private static PoolSettings of(JsonNode properties) {
    return new PoolSettings(
        Fields.text(properties, SettingsResource.ISOLATION).flatMap(Isolation::ofLabel),
        Fields.whole(properties, SettingsResource.IDLE_STREAM).map(Duration::ofSeconds),
        properties.path(SettingsResource.SESSION_OPERATIONS).asBoolean(false),
        properties
            .path(SettingsResource.INGRESS_PROTOCOL)
            .asString("")
            .equals(SettingsResource.HTTP2),
        properties.path(SettingsResource.PINGS).asBoolean(false),
        Fields.whole(properties, SettingsResource.ALLOCATIONS).map(Math::toIntExact),
        Fields.whole(properties, SettingsResource.REQUEST_RATE).map(Math::toIntExact),
        Fields.whole(properties, SettingsResource.IN_FLIGHT).map(Math::toIntExact),
        Fields.whole(properties, SettingsResource.CONNECTIONS).map(Math::toIntExact),
        properties.path(SettingsResource.BROWSER_SANDBOX).asBoolean(true),
        WebOrigins.of(properties.path(SettingsResource.ALLOWED_ORIGINS)),
        CustomDomains.of(properties.path(SettingsResource.CUSTOM_DOMAINS)),
        properties.path(SettingsResource.SNAPSHOT_START).asBoolean(true));
  }
}
