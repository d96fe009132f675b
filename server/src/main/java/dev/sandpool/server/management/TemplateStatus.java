package dev.sandpool.server.management;

import dev.sandpool.model.Json;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Revision;
import dev.sandpool.server.pool.Pools.PoolCondition;
import dev.sandpool.server.pool.Pools.Problem;
import dev.sandpool.server.pool.Pools.RevisionCondition;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code templateUpdateStatus}: what is claimed from, and what is being brought up (1.3). */
final class TemplateStatus {
  private TemplateStatus() {}

  static ObjectNode of(JsonNode stored, PoolRecord pool, PoolCondition condition) {
    ObjectNode status = Fields.empty();
    Revision active = pool.active();
    boolean rolling = active == null || !active.id().equals(pool.desired().id());
    if (active != null) {
      ObjectNode shown = status.putObject("activeTemplate");
      String details = details(rolling ? condition.active().problem() : condition.problem());
      head(shown, details, active, pool);
      counts(shown, pool, condition.active());
      containers(shown, active, rolling ? origin(active) : template(stored));
    }
    if (rolling) {
      ObjectNode shown = status.putObject("desiredTemplate");
      Problem problem = condition.problem();
      String details = problem == null ? condition.phase() : problem.message();
      head(shown, details, pool.desired(), pool);
      counts(shown, pool, condition.desired());
      containers(shown, pool.desired(), template(stored));
    }
    return status;
  }

  private static String details(@Nullable Problem problem) {
    return problem == null ? "Running" : problem.message();
  }

  private static void head(ObjectNode shown, String details, Revision revision, PoolRecord pool) {
    Revision.Origin origin = revision.origin();
    shown.put("details", details);
    shown.put("createdTime", Times.offset(origin == null ? pool.changedAt() : origin.createdAt()));
  }

  private static void counts(ObjectNode shown, PoolRecord pool, RevisionCondition condition) {
    shown
        .putObject("status")
        .put("expectedCount", pool.readySessions())
        .put("readyCount", condition.ready())
        .put("pendingCount", condition.starting())
        .put("imagePullFailCount", condition.pullFailures())
        .put("crashCount", condition.crashes())
        .put("allocatedCount", condition.allocated());
  }

  private static JsonNode template(JsonNode stored) {
    return stored.path("customContainerTemplate");
  }

  /** The document holds the desired template alone: an older one is told by its revision. */
  private static JsonNode origin(Revision revision) {
    Revision.Origin origin = revision.origin();
    return origin == null ? Fields.empty() : Json.MAPPER.readTree(origin.template());
  }

  private static void containers(ObjectNode shown, Revision revision, JsonNode template) {
    JsonNode containers = template.path("containers");
    if (containers.isArray()) {
      shown.set("containers", containers);
    } else {
      ObjectNode container = shown.putArray("containers").addObject();
      container.put("image", revision.image());
      container.putObject("resources").put("cpu", revision.cpu());
    }
    shown.putObject("ingress").put("targetPort", revision.targetPort());
  }
}
