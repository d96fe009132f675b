package dev.sandpool.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The ARM id of a resource in a resource group, one level deep: {@code
 * /subscriptions/S/resourceGroups/G/providers/Microsoft.App/sessionPools/NAME}. Ids are compared
 * without regard to case: use {@link #sameAs}, since {@code equals} tells spellings apart.
 *
 * @param type namespace and type, {@code Microsoft.App/sessionPools}
 */
public record ResourceId(String subscription, String group, String type, String name) {
  /** Environments, where pools run. */
  public static final String ENVIRONMENTS = "Microsoft.App/managedEnvironments";

  /** Session pools. */
  public static final String SESSION_POOLS = "Microsoft.App/sessionPools";

  /** The id that this text is, if it has that form; keywords in any case. */
  public static Optional<ResourceId> parse(String text) {
    List<String> parts = Arrays.asList(text.split("/", -1));
    boolean form =
        parts.size() == 9
            && parts.get(0).isEmpty()
            && parts.get(1).equalsIgnoreCase("subscriptions")
            && parts.get(3).equalsIgnoreCase("resourceGroups")
            && parts.get(5).equalsIgnoreCase("providers")
            && parts.stream().skip(1).noneMatch(String::isBlank);
    return form
        ? Optional.of(
            new ResourceId(
                parts.get(2), parts.get(4), parts.get(6) + "/" + parts.get(7), parts.get(8)))
        : Optional.empty();
  }

  /** Whether both name the same resource. */
  public boolean sameAs(ResourceId other) {
    return toString().equalsIgnoreCase(other.toString());
  }

  /** Whether it is of that type, in any case. */
  public boolean isOf(String wanted) {
    return type.equalsIgnoreCase(wanted);
  }

  /** The id as text, without a slash at the end. */
  @Override
  public String toString() {
    return "/subscriptions/"
        + subscription
        + "/resourceGroups/"
        + group
        + "/providers/"
        + type
        + "/"
        + name;
  }
}
