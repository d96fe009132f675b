package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.Json;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.role.Action;
import dev.sandpool.server.role.MissingRight;
import dev.sandpool.server.role.Rights;
import dev.sandpool.server.role.Scope;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * One authenticated request to a resource.
 *
 * @param rights of the principal, as they were when it called
 * @param path as it is on the wire, without its query
 * @param parameters of the path's template, decoded
 * @param query names in lower case, the first value of each
 * @param version of routes that need one; the newest elsewhere
 * @param conditions of the state that the caller expects
 * @param ignored gets the paths of properties that the resource passed over; answered in a header
 */
record Call(
    String requestId,
    TokenCheck.Principal principal,
    Rights rights,
    String path,
    Map<String, String> parameters,
    Map<String, String> query,
    ApiVersion version,
    Buffer body,
    Preconditions conditions,
    List<String> ignored) {
  private static final Pattern SUBSCRIPTION =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final Pattern GROUP = Pattern.compile("[-\\w.()]{0,89}[-\\w()]");

  Call(
      String requestId,
      TokenCheck.Principal principal,
      Rights rights,
      String path,
      Map<String, String> parameters,
      Map<String, String> query,
      ApiVersion version,
      Buffer body,
      Preconditions conditions) {
    this(
        requestId,
        principal,
        rights,
        path,
        parameters,
        query,
        version,
        body,
        conditions,
        new ArrayList<>());
  }

  /** Whether the caller has a right on a resource, group or subscription, by its id. */
  boolean may(Action action, String id) {
    return rights.allow(action, Scope.of(id));
  }

  /**
   * Asks for it.
   *
   * @throws ArmException 403 if the caller has not
   */
  void require(Action action, String id) {
    Scope scope = Scope.of(id);
    if (!rights.allow(action, scope)) {
      throw MissingRight.of(principal.caller(), action, scope);
    }
  }

  /** A parameter that the route's template has. */
  String parameter(String name) {
    return Objects.requireNonNull(parameters.get(name), name);
  }

  Optional<String> queried(String name) {
    return Optional.ofNullable(query.get(name));
  }

  /** The resource that the path names, which need not exist. */
  ResourceId resource(String type) {
    return new ResourceId(subscription(), parameter("group"), type, parameter("name"));
  }

  /**
   * The path's subscription.
   *
   * @throws ArmException 400 if it is no GUID
   */
  String subscription() {
    String subscription = parameter("subscription");
    if (!SUBSCRIPTION.matcher(subscription).matches()) {
      throw new ArmException(
          400,
          "InvalidSubscriptionId",
          "The provided subscription identifier '" + subscription + "' is not a GUID.");
    }
    return subscription;
  }

  /** The scope of a list: the path's subscription, and its resource group where it has one. */
  String scope() {
    String group = parameters.get("group");
    return "/subscriptions/" + subscription() + (group == null ? "" : "/resourceGroups/" + group);
  }

  /**
   * Refuses names that no resource group can have; a group exists by being named.
   *
   * @throws ArmException 400
   */
  void checkGroup() {
    String group = parameter("group");
    if (!GROUP.matcher(group).matches()) {
      throw new ArmException(
          400,
          "InvalidResourceGroup",
          "Resource group name '"
              + group
              + "' must have 1 to 90 letters, digits, '-', '_', '.', '(' or ')', and not end with"
              + " '.'.");
    }
  }

  /**
   * The body.
   *
   * @throws ArmException 400 with the place, without the text there: it may be a secret
   */
  JsonNode json() {
    try {
      JsonNode read = Json.MAPPER.readTree(body.getBytes());
      if (!read.isMissingNode()) {
        return read;
      }
    } catch (JacksonException e) {
      var at = e.getLocation();
      String place =
          at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
      throw new ArmException(
          400, "InvalidRequestContent", "The request's body is not valid JSON" + place + ".");
    }
    throw new ArmException(400, "InvalidRequestContent", "The request has no body.");
  }
}
