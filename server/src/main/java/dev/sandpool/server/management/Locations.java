package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Region names. Any is accepted; {@code East Asia} and {@code eastasia} are the same one, and
 * well-known ones are answered by their display name (contract 1.2 and 1.7).
 */
final class Locations {
  /**
   * Display names that the provider shows beside those in use: clients refuse on their own what is
   * not in that list.
   */
  static final List<String> SHOWN =
      List.of(
          "Australia East",
          "Brazil South",
          "Canada Central",
          "Central India",
          "Central US",
          "East Asia",
          "East US",
          "East US 2",
          "France Central",
          "Germany West Central",
          "Italy North",
          "Japan East",
          "Korea Central",
          "North Central US",
          "North Europe",
          "Norway East",
          "Poland Central",
          "South Africa North",
          "South Central US",
          "Southeast Asia",
          "Spain Central",
          "Sweden Central",
          "Switzerland North",
          "UAE North",
          "UK South",
          "West Central US",
          "West Europe",
          "West US",
          "West US 2",
          "West US 3");

  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 -]{0,62}");

  private static final Map<String, String> DISPLAY_NAMES =
      SHOWN.stream().collect(Collectors.toMap(Locations::normal, Function.identity()));

  private Locations() {}

  /** The name as it stands in paths and domains: lower case, no spaces. */
  static String normal(String location) {
    return location.toLowerCase(Locale.ROOT).replace(" ", "");
  }

  /** The name as answers have it: of a well-known region its display name, else as given. */
  static String shown(String location) {
    return DISPLAY_NAMES.getOrDefault(normal(location), location);
  }

  /** Checks a location that a body must have. */
  static void check(String location, Faults faults) {
    if (location.isEmpty()) {
      faults.add("LocationRequired", "location", "is required.");
    } else if (!FORM.matcher(location).matches() || location.endsWith("-")) {
      faults.add(
          "location",
          "'" + location + "' must have 1 to 63 letters, digits, spaces or '-', like 'eastasia'.");
    }
  }

  /**
   * Refuses to move a resource.
   *
   * @throws ArmException 409
   */
  static void checkSame(String id, String old, String wanted) {
    if (!normal(old).equals(normal(wanted))) {
      throw new ArmException(
          409,
          "InvalidResourceLocation",
          "The resource '"
              + id
              + "' already exists in location '"
              + old
              + "'. A resource with the same name cannot be created in location '"
              + wanted
              + "'.");
    }
  }
}
