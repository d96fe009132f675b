package dev.sandpool.server.management;

import java.util.List;
import java.util.Optional;

/** The resource providers that there are, each with its types and their versions. */
final class Namespaces {
  static final String APP = "Microsoft.App";

  /** The others' versions are not looked at; these are the ones that clients are known to send. */
  private static final List<String> RESOURCES = List.of("2024-11-01", "2022-09-01", "2021-04-01");

  private static final List<String> WORKSPACES =
      List.of("2023-09-01", "2022-10-01", "2021-12-01-preview", "2020-08-01");

  private static final List<String> IDENTITIES =
      List.of("2024-11-30", "2023-01-31", "2022-01-31-preview", "2018-11-30");

  private static final List<String> AUTHORIZATION = List.of("2022-04-01", "2020-04-01-preview");

  private static final List<Namespace> ALL =
      List.of(
          new Namespace(
              APP,
              List.of(
                  new Type("managedEnvironments", ApiVersion.SUPPORTED.reversed()),
                  new Type("sessionPools", ApiVersion.SUPPORTED.reversed()))),
          new Namespace(
              "Microsoft.Authorization",
              List.of(
                  new Type("roleAssignments", AUTHORIZATION),
                  new Type("roleDefinitions", AUTHORIZATION))),
          new Namespace(
              "Microsoft.ManagedIdentity", List.of(new Type("userAssignedIdentities", IDENTITIES))),
          new Namespace(
              "Microsoft.OperationalInsights", List.of(new Type("workspaces", WORKSPACES))),
          new Namespace(
              "Microsoft.Resources",
              List.of(
                  new Type("subscriptions", RESOURCES), new Type("resourceGroups", RESOURCES))));

  private Namespaces() {}

  /** One provider. */
  record Namespace(String name, List<Type> types) {}

  /**
   * One of its types.
   *
   * @param versions newest first
   */
  record Type(String name, List<String> versions) {}

  static List<Namespace> all() {
    return ALL;
  }

  /** The one of that name, in any case. */
  static Optional<Namespace> of(String name) {
    return ALL.stream().filter(one -> one.name().equalsIgnoreCase(name)).findFirst();
  }
}
