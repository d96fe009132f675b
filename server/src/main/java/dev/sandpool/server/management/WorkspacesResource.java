package dev.sandpool.server.management;

import dev.sandpool.model.Json;
import dev.sandpool.model.MergePatch;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.role.Action;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.Time;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.Lock;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Log Analytics workspaces, as far as making an environment touches them (contract, end): PUT,
 * PATCH, GET, DELETE, lists and {@code sharedKeys}. They are kept and answered; no logs go there.
 */
final class WorkspacesResource {
  static final String TYPE = "Microsoft.OperationalInsights/workspaces";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]");
  private static final String CUSTOMER = "customerId";
  private static final String KEYS = "sealedKeys";
  private static final int KEY_BYTES = 64;
  private static final int DEFAULT_RETENTION = 30;

  private static final Shape.Obj BODY =
      Shape.Obj.of(
          "location",
          Shape.Value.TEXT,
          "tags",
          new Shape.Strings(),
          "properties",
          Shape.Obj.of(
              "sku",
              Shape.Obj.of("name", Shape.Value.TEXT),
              "retentionInDays",
              Shape.Value.WHOLE,
              "publicNetworkAccessForIngestion",
              Shape.Value.TEXT,
              "publicNetworkAccessForQuery",
              Shape.Value.TEXT,
              "workspaceCapping",
              Shape.Obj.of("dailyQuotaGb", Shape.Value.NUMBER),
              "features",
              Shape.Value.READ_ONLY,
              "provisioningState",
              Shape.Value.READ_ONLY,
              CUSTOMER,
              Shape.Value.READ_ONLY),
          "identity",
          Shape.Value.READ_ONLY,
          "etag",
          Shape.Value.READ_ONLY,
          "id",
          Shape.Value.READ_ONLY,
          "name",
          Shape.Value.READ_ONLY,
          "type",
          Shape.Value.READ_ONLY,
          "systemData",
          Shape.Value.READ_ONLY);

  private final Ledger ledger;
  private final DataKey key;
  private final Time time;
  private final Pages pages;
  private final Lock changes;
  private final SecureRandom random = new SecureRandom();

  WorkspacesResource(ManagementParts parts, ManagementSettings settings, Lock changes) {
    this.ledger = parts.ledger();
    this.key = parts.key();
    this.time = parts.time();
    this.pages = new Pages(ledger, settings.address());
    this.changes = changes;
  }

  Answer list(Call call) {
    return pages.answer(
        call,
        TYPE,
        Action.WORKSPACE_READ,
        page -> page.stream().map(WorkspacesResource::body).toList());
  }

  Answer get(Call call) {
    ResourceRecord workspace = existing(call);
    return call.conditions().unchanged(workspace)
        ? Answer.empty(304).with("ETag", Preconditions.tag(workspace))
        : answer(200, workspace);
  }

  Answer put(Call call) {
    call.checkGroup();
    changes.lock();
    try {
      Optional<ResourceRecord> old = ledger.resource(call.resource(TYPE).toString());
      call.conditions().checkChange(old);
      return answer(old.isEmpty() ? 201 : 200, write(call, old, Fields.empty()));
    } finally {
      changes.unlock();
    }
  }

  Answer patch(Call call) {
    changes.lock();
    try {
      ResourceRecord old = existing(call);
      call.conditions().checkChange(Optional.of(old));
      return answer(200, write(call, Optional.of(old), Documents.parse(old)));
    } finally {
      changes.unlock();
    }
  }

  Answer delete(Call call) {
    changes.lock();
    try {
      Optional<ResourceRecord> old = ledger.resource(call.resource(TYPE).toString());
      call.conditions().checkChange(old);
      old.ifPresent(
          workspace -> {
            RoleAssignments.deleteBelow(ledger, workspace.id());
            ledger.deleteResource(workspace.id());
          });
      return Answer.empty(old.isPresent() ? 200 : 204);
    } finally {
      changes.unlock();
    }
  }

  Answer sharedKeys(Call call) {
    JsonNode keys = Documents.parse(existing(call)).path(KEYS);
    return Answer.of(
        200,
        Fields.empty()
            .put("primarySharedKey", opened(keys.path(0)))
            .put("secondarySharedKey", opened(keys.path(1))));
  }

  private String opened(JsonNode sealed) {
    byte[] plain = key.open(Base64.getDecoder().decode(sealed.asString("")));
    return Base64.getEncoder().encodeToString(plain);
  }

  private String sealed() {
    byte[] fresh = new byte[KEY_BYTES];
    random.nextBytes(fresh);
    return Base64.getEncoder().encodeToString(key.seal(fresh));
  }

  private ResourceRecord write(Call call, Optional<ResourceRecord> old, ObjectNode base) {
    var faults = new Faults();
    ResourceId id = call.resource(TYPE);
    if (old.isEmpty() && !NAME.matcher(id.name()).matches()) {
      faults.add(
          "InvalidResourceName",
          "name",
          "'"
              + id.name()
              + "' must have 4 to 63 letters, digits and hyphens, and no hyphen at its ends.");
    }
    ObjectNode given = Shape.read(BODY, call.json(), faults, call.ignored());
    var document = (ObjectNode) MergePatch.apply(base, given);
    check(document, faults);
    faults.throwIfAny();
    Optional<ObjectNode> before = old.map(Documents::parse);
    before.ifPresent(
        it ->
            Locations.checkSame(
                id.toString(),
                it.path("location").asString(""),
                document.path("location").asString("")));
    before.ifPresentOrElse(
        it -> {
          document.set(CUSTOMER, it.path(CUSTOMER));
          document.set(KEYS, it.path(KEYS));
        },
        () -> {
          document.put(CUSTOMER, UUID.randomUUID().toString());
          document.putArray(KEYS).add(sealed()).add(sealed());
        });
    if (before.isPresent() && before.get().equals(Json.MAPPER.readTree(document.toString()))) {
      return old.orElseThrow();
    }
    Instant now = time.now();
    String who = call.principal().name();
    var workspace =
        new ResourceRecord(
            old.map(ResourceRecord::id).orElse(id.toString()),
            TYPE,
            document.toString(),
            old.map(ResourceRecord::createdBy).orElse(who),
            old.map(ResourceRecord::createdAt).orElse(now),
            who,
            now);
    ledger.putResource(workspace);
    return workspace;
  }

  private static void check(ObjectNode document, Faults faults) {
    Locations.check(Fields.text(document, "location").orElse(""), faults);
    TagRules.check(document, faults);
    ObjectNode properties = Fields.object(document, "properties");
    long days = Fields.whole(properties, "retentionInDays").orElse((long) DEFAULT_RETENTION);
    properties.put("retentionInDays", days);
    PoolRules.range(days, 7, 730, "properties.retentionInDays", faults);
    if (Fields.text(properties, "sku", "name").isEmpty()) {
      properties.putObject("sku").put("name", "PerGB2018");
    }
  }

  private ResourceRecord existing(Call call) {
    ResourceId id = call.resource(TYPE);
    return ledger.resource(id.toString()).orElseThrow(() -> NotFound.of(id));
  }

  private static Answer answer(int status, ResourceRecord workspace) {
    return Answer.of(status, body(workspace)).with("ETag", Preconditions.tag(workspace));
  }

  private static ObjectNode body(ResourceRecord workspace) {
    ObjectNode document = Documents.parse(workspace);
    ResourceId id = ResourceId.parse(workspace.id()).orElseThrow();
    ObjectNode body = Fields.empty();
    body.put("id", workspace.id());
    body.put("name", id.name());
    body.put("type", TYPE);
    body.put("location", Locations.normal(document.path("location").asString("")));
    Fields.value(document, "tags").ifPresent(tags -> body.set("tags", tags));
    body.put("etag", Preconditions.tag(workspace));
    body.set("systemData", Documents.systemData(workspace, false));
    ObjectNode properties = body.putObject("properties");
    properties.put("provisioningState", "Succeeded");
    properties.set(CUSTOMER, document.path(CUSTOMER));
    document
        .path("properties")
        .properties()
        .forEach(it -> properties.set(it.getKey(), it.getValue()));
    return body;
  }
}
