package dev.sandpool.server.management;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.model.RevisionId;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ProvisioningState;
import dev.sandpool.server.ledger.Revision;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A valid document on its way into the ledger.
 *
 * @param document has been through {@link PoolRules}
 * @param secrets values by name
 */
record PoolDraft(
    ResourceId id, String environmentId, ObjectNode document, Map<String, String> secrets) {

  /** What it asks for of its quotas. */
  Quotas.Demand demand() {
    return Quotas.Demand.of(
        whole(document.path("properties"), "scaleConfiguration", "maxConcurrentSessions"),
        Fields.number(container(), "resources", "cpu").orElseThrow(),
        Memory.bytes(text(container(), "resources", "memory")).orElseThrow());
  }

  /** The record of a pool that is made now. */
  PoolRecord create(PoolId pool, Instant now) {
    return record(pool, 1, null, revision(new RevisionId(pool, 1), null, now), now);
  }

  /**
   * The record of a pool that is changed now. The desired revision stays if its template stays;
   * numbers only go up, so that no sandbox of an abandoned revision is taken for one of a later.
   */
  PoolRecord change(PoolRecord old, Instant now) {
    Revision desired = old.desired();
    boolean failed = old.provisioning().state() == ProvisioningState.FAILED;
    boolean neverCameUp = old.active() == null || !old.active().id().equals(desired.id());
    Revision fresh = revision(old, now);
    // Asked for again after it failed: what the tag means may be what was mended.
    boolean again = failed && neverCameUp;
    boolean same = fresh.sameTemplate(desired) && !again;
    Revision wanted = same ? desired.withRegistry(fresh.registry()) : fresh;
    Revision active = old.active();
    return record(
        old.id(),
        old.generation() + 1,
        active == null ? null : renewed(active, wanted),
        wanted,
        now);
  }

  /** What serves is pulled with the new login too, should it be lost. */
  private static Revision renewed(Revision active, Revision wanted) {
    Revision.Registry before = active.registry();
    Revision.Registry after = wanted.registry();
    boolean sameServer = before != null && after != null && before.server().equals(after.server());
    boolean sameRevision = active.id().equals(wanted.id());
    return sameRevision || sameServer ? active.withRegistry(after) : active;
  }

  private Revision revision(PoolRecord old, Instant now) {
    Revision desired = old.desired();
    Revision active = old.active();
    int last = Math.max(desired.id().number(), active == null ? 0 : active.id().number());
    String image = image();
    boolean failed = old.provisioning().state() == ProvisioningState.FAILED;
    String digest = null;
    if (!failed && desired.image().equals(image)) {
      digest = desired.imageDigest();
    } else if (active != null && active.image().equals(image)) {
      digest = active.imageDigest();
    }
    return revision(new RevisionId(old.id(), last + 1), digest, now);
  }

  private PoolRecord record(
      PoolId pool, int generation, @Nullable Revision active, Revision desired, Instant now) {
    JsonNode properties = document.path("properties");
    return new PoolRecord(
        pool,
        id.toString(),
        environmentId,
        id.name(),
        generation,
        whole(properties, "scaleConfiguration", "maxConcurrentSessions"),
        whole(properties, "scaleConfiguration", "readySessionInstances"),
        LifecycleRules.read(properties),
        NetworkStatus.ofWire(text(properties, "sessionNetworkConfiguration", "status")),
        active,
        desired,
        PoolRecord.Provisioning.inProgress(),
        now);
  }

  private Revision revision(RevisionId number, @Nullable String digest, Instant now) {
    JsonNode container = container();
    JsonNode template = template();
    return new Revision(
        number,
        image(),
        digest,
        registry(template.path("registryCredentials")),
        Fields.texts(container, "command"),
        Fields.texts(container, "args"),
        environment(container),
        Fields.number(container, "resources", "cpu").orElseThrow(),
        Memory.bytes(text(container, "resources", "memory")).orElseThrow(),
        whole(template, "ingress", "targetPort"),
        null,
        ProbeRules.read(container),
        PoolIdentities.anyGiven(document),
        new Revision.Origin(now, template.toString()));
  }

  private JsonNode template() {
    return document.path("properties").path("customContainerTemplate");
  }

  private JsonNode container() {
    return template().path("containers").path(0);
  }

  private String image() {
    return text(container(), "image");
  }

  private Revision.@Nullable Registry registry(JsonNode registry) {
    if (!registry.isObject()) {
      return null;
    }
    Optional<String> identity = Fields.text(registry, "identity");
    if (identity.isPresent()) {
      return Revision.Registry.of(text(registry, "server"), identity.get());
    }
    return new Revision.Registry(
        text(registry, "server"),
        text(registry, "username"),
        secret(text(registry, "passwordSecretRef")));
  }

  private Map<String, String> environment(JsonNode container) {
    Map<String, String> environment = new LinkedHashMap<>();
    for (JsonNode variable : Fields.elements(container, "env")) {
      String ref = Fields.text(variable, "secretRef").orElse("");
      String value = Fields.text(variable, "value").orElse("");
      environment.put(text(variable, "name"), ref.isEmpty() ? value : secret(ref));
    }
    return environment;
  }

  private String secret(String name) {
    return Optional.ofNullable(secrets.get(name)).orElseThrow();
  }

  private static String text(JsonNode node, String... path) {
    return Fields.text(node, path).orElseThrow();
  }

  private static int whole(JsonNode node, String... path) {
    return Math.toIntExact(Fields.whole(node, path).orElseThrow());
  }
}
