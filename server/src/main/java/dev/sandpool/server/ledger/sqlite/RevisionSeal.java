package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.Json;
import dev.sandpool.model.RevisionId;
import dev.sandpool.server.ledger.Probes;
import dev.sandpool.server.ledger.Revision;
import dev.sandpool.server.secret.DataKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Revisions as they are stored: JSON, sealed as a whole because environment and registry login hold
 * secrets.
 */
record RevisionSeal(DataKey key) {
  /** The stored form; apart from {@link Revision} so that a renamed field there loses nothing. */
  private record Stored(
      String image,
      @Nullable String imageDigest,
      @Nullable String registryServer,
      @Nullable String registryUsername,
      @Nullable String registryPassword,
      @Nullable String registryIdentity,
      List<String> command,
      List<String> args,
      Map<String, String> env,
      double cpu,
      long memoryBytes,
      int targetPort,
      @Nullable String isolation,
      @Nullable Probes probes,
      @Nullable Boolean identity,
      @Nullable Instant createdAt,
      @Nullable String template) {}

  byte[] seal(Revision revision) {
    Revision.Registry registry = revision.registry();
    Isolation isolation = revision.isolation();
    Revision.Origin origin = revision.origin();
    var stored =
        new Stored(
            revision.image(),
            revision.imageDigest(),
            registry == null ? null : registry.server(),
            registry == null ? null : registry.username(),
            registry == null ? null : registry.password(),
            registry == null ? null : registry.identity(),
            revision.command(),
            revision.args(),
            revision.env(),
            revision.cpu(),
            revision.memoryBytes(),
            revision.targetPort(),
            isolation == null ? null : isolation.label(),
            revision.probes(),
            revision.identity(),
            origin == null ? null : origin.createdAt(),
            origin == null ? null : origin.template());
    return key.seal(Json.MAPPER.writeValueAsBytes(stored));
  }

  Revision open(RevisionId id, byte[] sealed) {
    Stored stored = Json.MAPPER.readValue(key.open(sealed), Stored.class);
    return new Revision(
        id,
        stored.image(),
        stored.imageDigest(),
        registry(stored),
        stored.command(),
        stored.args(),
        stored.env(),
        stored.cpu(),
        stored.memoryBytes(),
        stored.targetPort(),
        isolation(stored.isolation()),
        probes(stored.probes()),
        Boolean.TRUE.equals(stored.identity()),
        origin(stored));
  }

  /** Ledgers from before it was recorded have none. */
  private static Revision.@Nullable Origin origin(Stored stored) {
    Instant createdAt = stored.createdAt();
    String template = stored.template();
    return createdAt == null || template == null ? null : new Revision.Origin(createdAt, template);
  }

  private static Revision.@Nullable Registry registry(Stored stored) {
    String server = stored.registryServer();
    String username = stored.registryUsername();
    String password = stored.registryPassword();
    return server == null || username == null || password == null
        ? null
        : new Revision.Registry(server, username, password, stored.registryIdentity());
  }

  /** Ledgers from before there were probes have none. */
  private static Probes probes(@Nullable Probes stored) {
    return stored == null ? Probes.NONE : stored;
  }

  private static @Nullable Isolation isolation(@Nullable String label) {
    return label == null
        ? null
        : Isolation.ofLabel(label)
            .orElseThrow(() -> new IllegalStateException("stored isolation '" + label + "'"));
  }
}
