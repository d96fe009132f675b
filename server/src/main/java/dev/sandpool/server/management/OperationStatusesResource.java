package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.pool.Pools;
import dev.sandpool.server.pool.Pools.PoolCondition;
import dev.sandpool.server.role.Action;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * How far operations on session pools have come, in both of the contract's styles (1.5). Read from
 * the ledger each time, so nothing is lost by a restart.
 */
final class OperationStatusesResource {
  private final SessionPoolsResource resource;
  private final PoolStore store;
  private final Pools pools;
  private final PublicAddress address;

  OperationStatusesResource(
      ManagementParts parts,
      ManagementSettings settings,
      PoolStore store,
      SessionPoolsResource resource) {
    this.store = store;
    this.resource = resource;
    this.pools = parts.pools();
    this.address = settings.address();
  }

  /** {@code operationStatuses}: always 200, the body says the status. */
  Answer status(Call call) {
    Operation operation = operation(call);
    Optional<PoolStore.Stored> stored = stored(call, operation);
    String id = call.parameter("id");
    ObjectNode body = Fields.empty();
    body.put(
        "id",
        PublicAddress.operationPath(
            call.subscription(), call.parameter("location"), "operationStatuses", id));
    body.put("name", id);
    Progress progress = progress(operation, stored.map(PoolStore.Stored::pool));
    body.put("status", progress.status);
    body.put("startTime", Times.bare(operation.started()));
    progress.error.ifPresent(
        error -> body.putObject("error").put("code", error.code).put("message", error.message));
    stored.ifPresent(it -> condition(body, it.pool()));
    Answer answer = Answer.of(200, body);
    return progress.running() ? answer.with("Retry-After", "1") : answer;
  }

  private void condition(ObjectNode body, PoolRecord pool) {
    PoolCondition condition = pools.condition(pool.id());
    ObjectNode shown =
        body.putObject("properties")
            .put("phase", condition.phase())
            .put("ready", condition.ready())
            .put("wanted", condition.wanted());
    if (!condition.steps().isEmpty() && condition.phase().equals("pulling image")) {
      shown.put("step", condition.steps().getLast());
    }
  }

  /** {@code operationResults}: 202 while it runs, then the resource, 204 or the error. */
  Answer result(Call call) {
    Operation operation = operation(call);
    Optional<PoolStore.Stored> stored = stored(call, operation);
    Progress progress = progress(operation, stored.map(PoolStore.Stored::pool));
    if (progress.running()) {
      return again(call, stored.orElseThrow());
    }
    if (operation.kind() == Operation.Kind.DELETE) {
      return Answer.empty(204);
    }
    progress.error.ifPresent(
        error -> {
          throw new ArmException(409, error.code, error.message);
        });
    return Answer.of(200, resource.body(stored.orElseThrow(), call, false));
  }

  private Answer again(Call call, PoolStore.Stored stored) {
    ResourceId id = ResourceId.parse(stored.resource().id()).orElseThrow();
    String url =
        address.operation(
            id, stored.location(), "operationResults", call.parameter("id"), call.version());
    return Answer.empty(202).with("Location", url).with("Retry-After", "1");
  }

  private Operation operation(Call call) {
    return Operation.of(call.parameter("id")).orElseThrow(() -> unknown(call));
  }

  /**
   * The operation's pool; one of another subscription is none of this path's business. Who may not
   * read it hears what is said of operations that there never were.
   */
  private Optional<PoolStore.Stored> stored(Call call, Operation operation) {
    Optional<PoolStore.Stored> stored = store.find(operation.pool());
    stored
        .map(it -> it.resource().id())
        .filter(id -> !call.may(Action.POOL_READ, id) || !isOf(call.subscription(), id))
        .ifPresent(
            id -> {
              throw unknown(call);
            });
    return stored;
  }

  private static boolean isOf(String subscription, String id) {
    return ResourceId.parse(id)
        .filter(it -> it.subscription().equalsIgnoreCase(subscription))
        .isPresent();
  }

  private static ArmException unknown(Call call) {
    call.require(Action.POOL_READ, call.scope());
    return new ArmException(
        404, NotFound.CODE, "There is no operation '" + call.parameter("id") + "'.");
  }

  private record Problem(String code, String message) {}

  private record Progress(String status, Optional<Problem> error) {
    static Progress of(String status) {
      return new Progress(status, Optional.empty());
    }

    static Progress of(String status, String code, String message) {
      return new Progress(status, Optional.of(new Problem(code, message)));
    }

    boolean running() {
      return status.equals("InProgress");
    }
  }

  private static Progress progress(Operation operation, Optional<PoolRecord> pool) {
    return operation.kind() == Operation.Kind.DELETE
        ? Progress.of(pool.isEmpty() ? "Succeeded" : "InProgress")
        : pool.map(OperationStatusesResource::progress)
            .orElseGet(
                () ->
                    Progress.of("Canceled", "SessionPoolDeleted", "The session pool was deleted."));
  }

  private static Progress progress(PoolRecord pool) {
    PoolRecord.Provisioning provisioning = pool.provisioning();
    return switch (provisioning.state()) {
      case IN_PROGRESS -> Progress.of("InProgress");
      case SUCCEEDED -> Progress.of("Succeeded");
      case FAILED ->
          Progress.of(
              "Failed",
              Optional.ofNullable(provisioning.code()).orElse("SessionPoolFailed"),
              Optional.ofNullable(provisioning.message()).orElse("The session pool failed."));
      case DELETING ->
          Progress.of("Canceled", "SessionPoolDeleting", "The session pool is being deleted.");
    };
  }
}
