package dev.sandpool.server.management;

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
      head(shown, details(rolling ? condition.active().problem() : condition.problem()), pool);
      counts(shown, pool, condition.active());
      // The document holds the desired template; of an older one secrets and values are one.
      containers(shown, active, rolling ? Fields.empty() : stored);
    }
    if (rolling) {
      ObjectNode shown = status.putObject("desiredTemplate");
      Problem problem = condition.problem();
      head(shown, problem == null ? condition.phase() : problem.message(), pool);
      counts(shown, pool, condition.desired());
      containers(shown, pool.desired(), stored);
    }
    return status;
  }

  private static String details(@Nullable Problem problem) {
    return problem == null ? "Running" : problem.message();
  }

  private static void head(ObjectNode shown, String details, PoolRecord pool) {
    shown.put("details", details);
    shown.put("createdTime", Times.offset(pool.changedAt()));
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

  private static void containers(ObjectNode shown, Revision revision, JsonNode stored) {
    JsonNode template = stored.path("customContainerTemplate");
    if (template.isObject()) {
      shown.set("containers", template.path("containers"));
    } else {
      ObjectNode container = shown.putArray("containers").addObject();
      container.put("image", revision.image());
      container.putObject("resources").put("cpu", revision.cpu());
    }
    shown.putObject("ingress").put("targetPort", revision.targetPort());
  }
}
