package dev.sandpool.cli.rest;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Builds resource ids of one subscription (contract 1.4, 1.8). */
public record Ids(String subscription) {
  /** The collection of that type, in one group or in the whole subscription where it is empty. */
  public String collection(String group, String type) {
    return collection(group, "Microsoft.App", type);
  }

  /** The resource group of that name, or the subscription itself where it is empty. */
  public String group(String group) {
    String root = "/subscriptions/" + segment(subscription);
    return group.isEmpty() ? root : root + "/resourceGroups/" + segment(group);
  }

  private String collection(String group, String provider, String type) {
    return group(group) + "/providers/" + provider + "/" + type;
  }

  /** The path under which the data plane has a pool (contract 2.1). */
  public String endpointPath(String group, String pool) {
    return "/subscriptions/"
        + segment(subscription)
        + "/resourceGroups/"
        + segment(group)
        + "/sessionPools/"
        + segment(pool);
  }

  /** The identity of that name (contract 6); a resource id is taken as it is. */
  public String identity(String group, String nameOrId) {
    return nameOrId.startsWith("/") ? nameOrId : identities(group) + "/" + segment(nameOrId);
  }

  /** All identities of one group, or of the whole subscription where it is empty. */
  public String identities(String group) {
    return collection(group, "Microsoft.ManagedIdentity", "userAssignedIdentities");
  }

  /** What a pool can be set to beyond the contract. */
  public String settings(String group, String pool) {
    return pool(group, pool) + "/settings/default";
  }

  public String pool(String group, String name) {
    return collection(group, "sessionPools") + "/" + segment(name);
  }

  /** The environment of that name; a resource id is taken as it is. */
  public String environment(String group, String nameOrId) {
    return nameOrId.startsWith("/")
        ? nameOrId
        : collection(group, "managedEnvironments") + "/" + segment(nameOrId);
  }

  /** One path segment, so that a name with a slash in it cannot become another path. */
  public static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
