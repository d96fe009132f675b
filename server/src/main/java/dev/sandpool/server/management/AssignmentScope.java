package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.Ledger;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where a role is given: everything, a subscription, a resource group or a resource.
 *
 * @param id without a slash at its end; empty for everything
 */
record AssignmentScope(String id) {
  private static final Pattern SUBSCRIPTION =
      Pattern.compile("(?i)/subscriptions/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  /**
   * That of the path.
   *
   * @throws ArmException 400 if it has none of these forms
   */
  static AssignmentScope of(Call call) {
    String id = call.parameter("scope");
    List<String> parts = List.of(id.split("/", -1));
    boolean form =
        id.isEmpty()
            || (parts.size() >= 3
                && SUBSCRIPTION.matcher("/" + parts.get(1) + "/" + parts.get(2)).matches()
                && (parts.size() == 3
                    || (parts.size() == 5 && parts.get(3).equalsIgnoreCase("resourceGroups"))
                    || ResourceId.parse(id).isPresent()));
    if (!form) {
      throw new ArmException(
          400,
          "InvalidScope",
          "The scope '%s' is not that of a subscription, a resource group or a resource."
              .formatted(id));
    }
    return new AssignmentScope(id);
  }

  /**
   * Refuses to give rights on what is not there.
   *
   * @throws ArmException 404
   */
  void checkThere(Ledger ledger) {
    ResourceId.parse(id)
        .filter(resource -> ledger.resource(id).isEmpty())
        .ifPresent(
            resource -> {
              throw NotFound.of(resource);
            });
  }

  /** Whether it is the other, or lies below it. */
  boolean within(AssignmentScope outer) {
    String inside = Groups.key(id);
    String other = Groups.key(outer.id);
    return inside.equals(other) || inside.startsWith(other + "/");
  }

  /** {@code /subscriptions/S}; empty for everything. */
  String subscriptionPrefix() {
    return id.isEmpty() ? "" : String.join("/", List.of(id.split("/", -1)).subList(0, 3));
  }
}
