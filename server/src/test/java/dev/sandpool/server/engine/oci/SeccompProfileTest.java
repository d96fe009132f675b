package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class SeccompProfileTest {
  private static final String PROFILE =
      """
      {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "syscalls": [
        {"names": ["read", "clone", "clone3", "unshare", "mount", "keyctl", "socketcall"],
         "action": "SCMP_ACT_ALLOW", "args": [], "comment": "x", "includes": {}, "excludes": {}},
        {"names": ["arm_call"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm64"]}},
        {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
        {"names": ["bpf"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
         "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
        {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": null}]}
      """;

  private static ObjectNode converted() {
    return SeccompProfile.convert(Json.MAPPER.readTree(PROFILE), Set.of("CAP_CHOWN"), "amd64");
  }

  private static List<JsonNode> rules(String call) {
    return converted()
        .path("syscalls")
        .valueStream()
        .filter(rule -> rule.path("names").toString().contains("\"" + call + "\""))
        .toList();
  }

  @Test
  void namespacesMountsAndKeysAreRefused() {
    for (String call : List.of("unshare", "setns", "mount", "fsopen", "keyctl", "socketcall")) {
      assertThat(rules(call)).as(call).hasSize(1);
      assertThat(rules(call).getFirst().path("action").asString()).isEqualTo("SCMP_ACT_ERRNO");
    }
  }

  @Test
  void cloneMakesNoNamespaces() {
    assertThat(rules("clone")).hasSize(1);
    assertThat(rules("clone").getFirst().at("/args/0").toString())
        .isEqualTo(
            "{\"index\":0,\"value\":2114060288,\"valueTwo\":0,\"op\":\"SCMP_CMP_MASKED_EQ\"}");
    assertThat(rules("clone3").getFirst().path("errnoRet").asInt()).isEqualTo(38);
  }

  @Test
  void onlyOrdinarySocketsCanBeMade() {
    assertThat(rules("socket"))
        .allMatch(rule -> rule.path("action").asString().equals("SCMP_ACT_ALLOW"))
        .extracting(rule -> rule.at("/args/0/value").asInt())
        .containsExactly(1, 2, 10, 16);
  }

  @Test
  void rulesForOtherMachinesAndMorePrivilegeAreDropped() {
    assertThat(rules("arm_call")).isEmpty();
    assertThat(rules("bpf")).hasSize(1);
    assertThat(rules("bpf").getFirst().path("action").asString()).isEqualTo("SCMP_ACT_ERRNO");
    assertThat(rules("read").getFirst().path("names").toString()).isEqualTo("[\"read\"]");
  }
}
