package dev.sandpool.server.engine.oci;

import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The maintained seccomp profile of the containers project, made into the OCI form and stricter;
 * pure.
 *
 * <p>The original allows new user namespaces, and everything that is privileged inside one: mounts,
 * and with them large parts of the kernel. Those calls go, as do the kernel's key store and sockets
 * to the hypervisor.
 */
final class SeccompProfile {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;

  /** Local, IPv4 and IPv6 sockets; not the kernel's cipher sockets, not those to a hypervisor. */
  private static final List<Integer> SOCKET_FAMILIES = List.of(1, 2, 10);

  private static final int AF_NETLINK = 16;
  private static final int NETLINK_AUDIT = 9;

  /** All CLONE_NEW* flags that clone(2) knows. */
  private static final long CLONE_NEW = 0x7E02_0000L;

  private static final Set<String> REFUSED =
      Set.of(
          "unshare",
          "setns",
          "mount",
          "umount",
          "umount2",
          "mount_setattr",
          "move_mount",
          "open_tree",
          "fsopen",
          "fsconfig",
          "fsmount",
          "fspick",
          "pivot_root",
          "keyctl",
          "add_key",
          "request_key",
          // Its arguments are out of a filter's sight, among them the address family.
          "socketcall");

  private SeccompProfile() {}

  /**
   * The profile for the {@code linux.seccomp} of a runtime specification.
   *
   * @param profile the text of seccomp.json as Debian's golang-github-containers-common has it
   * @param capabilities that the sandbox keeps
   * @param architecture in Go's words, {@code amd64} or {@code arm64}
   */
  static ObjectNode convert(JsonNode profile, Set<String> capabilities, String architecture) {
    ObjectNode result = JSON.objectNode();
    result.put("defaultAction", profile.path("defaultAction").asString("SCMP_ACT_ERRNO"));
    result.put("defaultErrnoRet", profile.path("defaultErrnoRet").asInt(ENOSYS));
    ArrayNode architectures = result.putArray("architectures");
    architectures(architecture).forEach(architectures::add);
    ArrayNode calls = result.putArray("syscalls");
    for (JsonNode rule : profile.path("syscalls")) {
      if (applies(rule, capabilities, architecture)) {
        addRule(calls, rule);
      }
    }
    refuse(calls);
    return result;
  }

  private static List<String> architectures(String architecture) {
    return switch (architecture) {
      case "amd64" -> List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
      case "arm64" -> List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
      default -> throw new IllegalArgumentException("no seccomp profile for " + architecture);
    };
  }

  private static boolean applies(JsonNode rule, Set<String> capabilities, String architecture) {
    JsonNode includes = rule.path("includes");
    JsonNode excludes = rule.path("excludes");
    boolean capable = includes.path("caps").isEmpty() || meets(includes.path("caps"), capabilities);
    boolean here =
        includes.path("arches").isEmpty() || meets(includes.path("arches"), Set.of(architecture));
    return capable
        && here
        && !meets(excludes.path("caps"), capabilities)
        && !meets(excludes.path("arches"), Set.of(architecture));
  }

  private static boolean meets(JsonNode values, Set<String> wanted) {
    return values.valueStream().anyMatch(value -> wanted.contains(value.asString("")));
  }

  private static void addRule(ArrayNode calls, JsonNode rule) {
    boolean allows = rule.path("action").asString("").equals("SCMP_ACT_ALLOW");
    List<String> names =
        rule.path("names")
            .valueStream()
            .map(name -> name.asString(""))
            .filter(name -> !REFUSED.contains(name))
            .filter(name -> !(allows && (name.equals("clone") || name.equals("clone3"))))
            .toList();
    // Rules about sockets are replaced as a whole: a filter allows what any one of them allows.
    if (names.isEmpty() || names.equals(List.of("socket"))) {
      return;
    }
    ObjectNode copy = calls.addObject();
    ArrayNode copiedNames = copy.putArray("names");
    names.forEach(copiedNames::add);
    copy.put("action", rule.path("action").asString(""));
    if (rule.path("args").isArray() && !rule.path("args").isEmpty()) {
      copy.set("args", rule.path("args"));
    }
    if (rule.has("errnoRet")) {
      copy.set("errnoRet", rule.path("errnoRet"));
    }
  }

  private static void refuse(ArrayNode calls) {
    ObjectNode refused = rule(calls, "SCMP_ACT_ERRNO", REFUSED.stream().sorted().toList());
    refused.put("errnoRet", EPERM);
    argument(rule(calls, "SCMP_ACT_ALLOW", List.of("clone")), 0, CLONE_NEW, "SCMP_CMP_MASKED_EQ");
    // Its flags are behind a pointer; told that it does not exist, C libraries use clone.
    rule(calls, "SCMP_ACT_ERRNO", List.of("clone3")).put("errnoRet", ENOSYS);
    for (int family : SOCKET_FAMILIES) {
      argument(rule(calls, "SCMP_ACT_ALLOW", List.of("socket")), 0, family, "SCMP_CMP_EQ");
    }
    ObjectNode netlink = rule(calls, "SCMP_ACT_ALLOW", List.of("socket"));
    argument(netlink, 0, AF_NETLINK, "SCMP_CMP_EQ");
    argument(netlink, 2, NETLINK_AUDIT, "SCMP_CMP_NE");
  }

  private static ObjectNode rule(ArrayNode calls, String action, List<String> names) {
    ObjectNode rule = calls.addObject();
    ArrayNode list = rule.putArray("names");
    names.forEach(list::add);
    return rule.put("action", action);
  }

  private static void argument(ObjectNode rule, int index, long value, String operator) {
    rule.withArray("args")
        .addObject()
        .put("index", index)
        .put("value", value)
        .put("valueTwo", 0)
        .put("op", operator);
  }
}
