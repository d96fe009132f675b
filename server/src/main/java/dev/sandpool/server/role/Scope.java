package dev.sandpool.server.role;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A place where rights hold: everything, a subscription, a resource group or a resource. What is
 * given at one holds at all below it.
 *
 * @param id as it was written, without a slash at its end; empty for everything
 * @param upwards it and all above it, in lower case, narrowest first; ends with the empty one
 */
public record Scope(String id, List<String> upwards) {
  /** Everything. */
  public static final Scope ALL = of("");

  public Scope {
    upwards = List.copyOf(upwards);
  }

  /** That of an id: {@code /subscriptions/S}, and what is below, cut where a resource ends. */
  public static Scope of(String id) {
    String[] parts = id.split("/", -1);
    List<String> upwards = new ArrayList<>();
    for (int length : new int[] {9, 5, 3}) {
      if (parts.length >= length) {
        upwards.add(joined(parts, length).toLowerCase(Locale.ROOT));
      }
    }
    upwards.add("");
    String cut = parts.length > 9 ? joined(parts, 9) : id;
    if (!upwards.getFirst().equals(cut.toLowerCase(Locale.ROOT))) {
      // Neither a subscription, nor a group, nor a resource: nothing is ever given there.
      upwards.addFirst(cut.toLowerCase(Locale.ROOT));
    }
    return new Scope(cut, upwards);
  }

  /** A session pool's. */
  public static Scope ofPool(String subscription, String group, String name) {
    return of(
        "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.App/sessionPools/%s"
            .formatted(subscription, group, name));
  }

  private static String joined(String[] parts, int length) {
    return String.join("/", List.of(parts).subList(0, length));
  }

  /** For a person: everything is a slash. */
  @Override
  public String toString() {
    return id.isEmpty() ? "/" : id;
  }
}
