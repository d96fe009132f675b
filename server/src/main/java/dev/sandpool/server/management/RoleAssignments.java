package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.role.BuiltInRole;
import dev.sandpool.server.role.RoleAssignment;
import dev.sandpool.server.role.Roles;
import dev.sandpool.server.time.Time;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code Microsoft.Authorization/roleAssignments} at any scope: PUT, GET, DELETE and lists. A
 * change holds when it is answered.
 */
public final class RoleAssignments {
  static final String TYPE = "Microsoft.Authorization/roleAssignments";
  private static final String SEGMENT = "/providers/" + TYPE + "/";
  private static final Pattern GUID =
      Pattern.compile("(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final List<String> PRINCIPAL_TYPES =
      List.of("User", "Group", "ServicePrincipal", "ForeignGroup", "Device");

  private static final Shape.Obj PROPERTIES =
      Shape.Obj.of(
          "roleDefinitionId", Shape.Value.TEXT,
          "principalId", Shape.Value.TEXT,
          "principalType", Shape.Value.TEXT,
          "description", Shape.Value.TEXT,
          "scope", Shape.Value.READ_ONLY);
  private static final Shape.Obj BODY =
      Shape.Obj.of(
          "properties", PROPERTIES,
          "id", Shape.Value.READ_ONLY,
          "name", Shape.Value.READ_ONLY,
          "type", Shape.Value.READ_ONLY);

  private final Ledger ledger;
  private final Roles roles;
  private final Time time;
  private final Lock changes;

  RoleAssignments(ManagementParts parts, Lock changes) {
    this.ledger = parts.ledger();
    this.roles = parts.roles();
    this.time = parts.time();
    this.changes = changes;
  }

  /** What is given at or below a scope goes with it: whoever takes its name must not inherit it. */
  static void deleteBelow(Ledger ledger, String scope) {
    ledger.resources(TYPE, scope).forEach(assignment -> ledger.deleteResource(assignment.id()));
  }

  /** All that a ledger holds, as {@link Roles} reads them. */
  public static List<RoleAssignment> all(Ledger ledger) {
    return ledger.resources(TYPE, "").stream()
        .map(
            assignment -> {
              ObjectNode document = Documents.parse(assignment);
              return new RoleAssignment(
                  document.path("principalId").asString(""),
                  BuiltInRole.valueOf(document.path("role").asString("")),
                  scope(assignment).id());
            })
        .toList();
  }

  Answer put(Call call) {
    AssignmentScope scope = AssignmentScope.of(call);
    String name = call.parameter("name");
    if (!GUID.matcher(name).matches()) {
      throw new ArmException(
          400,
          "InvalidRoleAssignmentId",
          "The role assignment ID '" + name + "' is not valid. It must be a GUID.");
    }
    changes.lock();
    try {
      scope.checkThere(ledger);
      refuseDeleting(scope);
      ObjectNode document = read(call);
      Optional<ResourceRecord> old = ledger.resource(scope.id() + SEGMENT + name);
      if (old.isPresent()) {
        return Answer.of(200, body(same(old.get(), document)));
      }
      refuseDuplicate(scope, document);
      Instant now = time.now();
      String who = call.principal().name();
      var assignment =
          new ResourceRecord(
              scope.id() + SEGMENT + name, TYPE, document.toString(), who, now, who, now);
      ledger.putResource(assignment);
      roles.refresh();
      return Answer.of(201, body(assignment));
    } finally {
      changes.unlock();
    }
  }

  /** What is written below a pool after it was marked could outlive it. */
  private void refuseDeleting(AssignmentScope scope) {
    ledger.pools(scope.id(), scope.id()).forEach(SessionPoolsResource::refuseDeleting);
  }

  private ObjectNode read(Call call) {
    var faults = new Faults();
    ObjectNode given = Shape.read(BODY, call.json(), faults, call.ignored());
    ObjectNode properties = Fields.object(given, "properties");
    String role = Fields.text(properties, "roleDefinitionId").orElse("");
    String principal = Fields.text(properties, "principalId").orElse("");
    String type = Fields.text(properties, "principalType").orElse("User");
    if (!GUID.matcher(principal).matches()) {
      faults.add(
          "InvalidPrincipalId",
          "properties.principalId",
          "'" + principal + "' is not the GUID of a principal.");
    }
    if (PRINCIPAL_TYPES.stream().noneMatch(type::equalsIgnoreCase)) {
      faults.add(
          "properties.principalType",
          "'%s' is not one of %s.".formatted(type, String.join(", ", PRINCIPAL_TYPES)));
    }
    if (RoleDefinitions.ofResourceId(role).isEmpty()) {
      ArmException unknown = RoleDefinitions.unknown(400, role);
      faults.add(unknown.error().code(), "properties.roleDefinitionId", unknown.error().message());
    }
    faults.throwIfAny();
    ObjectNode document = Fields.empty();
    document.put("role", RoleDefinitions.ofResourceId(role).orElseThrow().name());
    document.put("principalId", Groups.key(principal));
    document.put("principalType", type);
    Fields.text(properties, "description").ifPresent(text -> document.put("description", text));
    return document;
  }

  private static ResourceRecord same(ResourceRecord old, ObjectNode document) {
    ObjectNode before = Documents.parse(old);
    if (!gives(before, document)) {
      throw new ArmException(
          400,
          "RoleAssignmentUpdateNotPermitted",
          "Role and principal of a role assignment cannot be changed; delete it and make another.");
    }
    return old;
  }

  private void refuseDuplicate(AssignmentScope scope, ObjectNode document) {
    for (ResourceRecord other : ledger.resources(TYPE, scope.id())) {
      if (scope(other).id().equalsIgnoreCase(scope.id())
          && gives(Documents.parse(other), document)) {
        throw new ArmException(
            409,
            "RoleAssignmentExists",
            "The role assignment already exists: '" + other.id() + "'.");
      }
    }
  }

  private static boolean gives(ObjectNode one, ObjectNode other) {
    return one.path("role").equals(other.path("role"))
        && one.path("principalId").equals(other.path("principalId"));
  }

  Answer get(Call call) {
    return find(call)
        .map(found -> Answer.of(200, body(found)))
        .orElseThrow(
            () ->
                new ArmException(
                    404,
                    "RoleAssignmentNotFound",
                    "The role assignment '" + call.parameter("name") + "' is not found."));
  }

  Answer delete(Call call) {
    changes.lock();
    try {
      Optional<ResourceRecord> found = find(call);
      found.ifPresent(assignment -> ledger.deleteResource(assignment.id()));
      roles.refresh();
      return found.map(gone -> Answer.of(200, body(gone))).orElse(Answer.empty(204));
    } finally {
      changes.unlock();
    }
  }

  /** What is given at the scope, above it and, unless {@code atScope()} is asked for, below it. */
  Answer list(Call call) {
    AssignmentScope asked = AssignmentScope.of(call);
    Predicate<ResourceRecord> filter =
        found -> asked.within(scope(found)) || scope(found).within(asked);
    for (Filter.Term term : Filter.of(call)) {
      filter = filter.and(condition(term, asked));
    }
    ObjectNode body = Fields.empty();
    ArrayNode value = body.putArray("value");
    ledger.resources(TYPE, "").stream().filter(filter).forEach(found -> value.add(body(found)));
    return Answer.of(200, body);
  }

  private static Predicate<ResourceRecord> condition(Filter.Term term, AssignmentScope asked) {
    return switch (term.name()) {
      case "atscope" -> found -> asked.within(scope(found));
      case "principalid", "assignedto" ->
          found ->
              Documents.parse(found)
                  .path("principalId")
                  .asString("")
                  .equalsIgnoreCase(term.value());
      default -> throw Filter.unknown(term, "atScope(), principalId eq '...', assignedTo('...')");
    };
  }

  private Optional<ResourceRecord> find(Call call) {
    return ledger.resource(AssignmentScope.of(call).id() + SEGMENT + call.parameter("name"));
  }

  private static AssignmentScope scope(ResourceRecord assignment) {
    String id = assignment.id();
    return new AssignmentScope(id.substring(0, Groups.key(id).lastIndexOf(Groups.key(SEGMENT))));
  }

  private static ObjectNode body(ResourceRecord assignment) {
    ObjectNode document = Documents.parse(assignment);
    AssignmentScope scope = scope(assignment);
    BuiltInRole role = BuiltInRole.valueOf(document.path("role").asString(""));
    ObjectNode body = Fields.empty();
    ObjectNode properties = body.putObject("properties");
    properties.put(
        "roleDefinitionId", RoleDefinitions.resourceId(role, scope.subscriptionPrefix()));
    properties.set("principalId", document.path("principalId"));
    properties.set("principalType", document.path("principalType"));
    properties.put("scope", scope.id().isEmpty() ? "/" : scope.id());
    properties.putNull("condition");
    properties.putNull("conditionVersion");
    properties.put("createdOn", Times.zulu(assignment.createdAt()));
    properties.put("updatedOn", Times.zulu(assignment.modifiedAt()));
    properties.put("createdBy", assignment.createdBy());
    properties.put("updatedBy", assignment.modifiedBy());
    properties.put("description", Fields.text(document, "description").orElse(null));
    body.put("id", assignment.id());
    body.put("type", TYPE);
    body.put("name", assignment.id().substring(assignment.id().lastIndexOf('/') + 1));
    return body;
  }
}
