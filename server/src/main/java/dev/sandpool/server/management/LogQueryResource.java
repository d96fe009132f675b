package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.logs.PoolLog;
import dev.sandpool.server.logs.Workspaces;
import dev.sandpool.server.logs.query.Column;
import dev.sandpool.server.logs.query.LogQueries;
import dev.sandpool.server.logs.query.QueryException;
import dev.sandpool.server.logs.query.Result;
import dev.sandpool.server.role.Action;
import dev.sandpool.server.time.Time;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.DateTimeException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code POST /v1/workspaces/{id}/query}, and GET with {@code ?query=}: queries in the shapes of
 * the Log Analytics API. The id is that of a workspace's customer.
 */
final class LogQueryResource {
  private static final Shape.Obj BODY =
      Shape.Obj.of(
          "query",
          Shape.Value.TEXT,
          "timespan",
          Shape.Value.TEXT,
          "workspaces",
          new Shape.Arr(Shape.Value.TEXT));

  private final Ledger ledger;
  private final LogAccess logs;
  private final Time time;

  LogQueryResource(Ledger ledger, LogAccess logs, Time time) {
    this.ledger = ledger;
    this.logs = logs;
    this.time = time;
  }

  Answer get(Call call) throws IOException {
    return answer(pools(call), call.queried("query"), call.queried("timespan"));
  }

  Answer post(Call call) throws IOException {
    List<PoolLog> pools = pools(call);
    var faults = new Faults();
    ObjectNode body = Shape.read(BODY, call.json(), faults, call.ignored());
    faults.throwIfAny();
    if (!Fields.elements(body, "workspaces").isEmpty()) {
      throw bad("'workspaces' is not supported: a query is of one workspace.");
    }
    return answer(pools, Fields.text(body, "query"), Fields.text(body, "timespan"));
  }

  private Answer answer(List<PoolLog> pools, Optional<String> query, Optional<String> timespan)
      throws IOException {
    String text = query.filter(it -> !it.isBlank()).orElseThrow(() -> bad("'query' is required."));
    Timespan span = timespan.map(this::span).orElse(Timespan.ALL);
    try {
      Result result =
          logs.queries().answer(new LogQueries.Question(text, span.from(), span.to()), pools);
      return Answer.of(200, body(result));
    } catch (QueryException e) {
      return refused(e);
    } catch (LogQueries.BusyException e) {
      return Dispatch.problem(429, "ThrottledError", e.getMessage() + ".").with("Retry-After", "1");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the server closes");
    }
  }

  /**
   * What the caller may see of a workspace: everything with the right on its resource, else what
   * comes from environments on which the caller has it. Who names somebody else's workspace in an
   * environment of their own sees their own rows there.
   */
  private List<PoolLog> pools(Call call) {
    String workspace = call.parameter("workspace");
    Optional<ResourceRecord> resource = LogAnalyticsWorkspaces.ofCustomer(ledger, workspace);
    List<PoolLog> all = logs.store().workspace(workspace);
    if (resource.filter(it -> call.may(Action.LOGS_QUERY, it.id())).isPresent()) {
      return all;
    }
    Set<String> environments =
        ledger.resources(ResourceId.ENVIRONMENTS, "").stream()
            .filter(it -> Workspaces.of(it).equalsIgnoreCase(workspace))
            .map(ResourceRecord::id)
            .collect(Collectors.toCollection(TreeSet::new));
    all.forEach(it -> environments.add(it.place().environmentId()));
    List<String> seen =
        environments.stream().filter(it -> call.may(Action.LOGS_QUERY, it)).toList();
    if (seen.isEmpty()) {
      // Of one that there is not, nobody is told more than of one that is somebody else's.
      call.require(Action.LOGS_QUERY, "/workspaces/" + workspace);
      throw new ArmException(
          404,
          "WorkspaceNotFoundError",
          "No environment logs to the workspace '" + workspace + "', and none has that id.");
    }
    return all.stream()
        .filter(it -> seen.stream().anyMatch(it.place().environmentId()::equalsIgnoreCase))
        .toList();
  }

  private Timespan span(String text) {
    try {
      return Timespan.parse(text, time.now());
    } catch (DateTimeException e) {
      throw bad(
          "'timespan' is '" + text + "'; accepted: PT1H, or START/END, START/PT1H, PT1H/END.");
    }
  }

  private static ArmException bad(String message) {
    return new ArmException(400, "BadArgumentError", message);
  }

  // --- shapes ----------------------------------------------------------------------------------

  private static ObjectNode body(Result result) {
    ObjectNode body = Fields.empty();
    ObjectNode table = body.putArray("tables").addObject();
    table.put("name", "PrimaryResult");
    ArrayNode columns = table.putArray("columns");
    for (Column it : result.columns()) {
      columns.addObject().put("name", it.name()).put("type", it.type().label());
    }
    ArrayNode rows = table.putArray("rows");
    for (List<@Nullable Object> row : result.rows()) {
      ArrayNode cells = rows.addArray();
      row.forEach(value -> add(cells, value));
    }
    if (result.isCut()) {
      body.putObject("error")
          .put("code", "PartialError")
          .put("message", "There are more rows than an answer holds; some are missing.");
    }
    return body;
  }

  private static void add(ArrayNode cells, @Nullable Object value) {
    switch (value) {
      case null -> cells.addNull();
      case Long it -> cells.add(it);
      case Double it -> cells.add(it);
      case Boolean it -> cells.add(it);
      default -> cells.add(value.toString());
    }
  }

  private static Answer refused(QueryException e) {
    boolean syntax = e.kind() == QueryException.Cause.SYNTAX;
    boolean tooMuch = e.kind() == QueryException.Cause.TOO_MUCH;
    ObjectNode body = Fields.empty();
    ObjectNode error = body.putObject("error");
    error.put("message", "The query cannot be answered: " + e.getMessage() + ".");
    error.put("code", tooMuch ? "GatewayTimeout" : "BadArgumentError");
    ObjectNode inner = error.putObject("innererror");
    inner.put("code", syntax ? "SyntaxError" : "SemanticError");
    inner.put("message", e.getMessage());
    inner
        .putObject("innererror")
        .put("code", syntax ? "SYN0002" : "SEM0100")
        .put("message", e.getMessage())
        .put("line", e.line())
        .put("pos", e.column())
        .put("token", e.token());
    return Answer.of(tooMuch ? 504 : 400, body);
  }
}
