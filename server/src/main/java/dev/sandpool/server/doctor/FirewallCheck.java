package dev.sandpool.server.doctor;

import dev.sandpool.model.Json;
import dev.sandpool.server.linux.Command;
import dev.sandpool.server.linux.Tool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Rules of other programs that beat ours: a packet that one table accepts is still dropped by the
 * next (nft(8), "accept").
 */
final class FirewallCheck implements Check.Examination {
  /**
   * A base chain.
   *
   * @param hook where packets meet it: prerouting, input, forward, output, postrouting
   */
  record Chain(String family, String table, String name, String hook, String policy) {
    String label() {
      return family + " " + table + " " + name;
    }
  }

  @Override
  public List<Finding> examine() throws IOException {
    String nft = Tool.NFT.require().toString();
    return judge(parse(Command.require(List.of(nft, "-j", "list", "chains"), "")));
  }

  static List<Chain> parse(String json) {
    List<Chain> chains = new ArrayList<>();
    for (JsonNode object : Json.MAPPER.readTree(json).path("nftables")) {
      JsonNode chain = object.path("chain");
      if (chain.has("hook")) {
        chains.add(
            new Chain(
                chain.path("family").asString(""),
                chain.path("table").asString(""),
                chain.path("name").asString(""),
                chain.path("hook").asString(""),
                chain.path("policy").asString("accept")));
      }
    }
    return chains;
  }

  static List<Finding> judge(List<Chain> chains) {
    List<Finding> findings = new ArrayList<>();
    for (Chain chain : chains) {
      boolean ours = HostObject.serverOf(chain.table()).isPresent();
      boolean ipv4 = List.of("ip", "inet").contains(chain.family());
      if (!ours && ipv4 && chain.policy().equals("drop")) {
        findings.add(judge(chain));
      }
    }
    return findings.isEmpty()
        ? List.of(Finding.ok("other tables", "none drops by default"))
        : findings;
  }

  private static Finding judge(Chain chain) {
    String found = "drops by default what it does not accept (hook " + chain.hook() + ")";
    return switch (chain.hook()) {
      case "forward", "postrouting" ->
          Finding.warning(
              chain.label(),
              found,
              "sandboxes with egress do not reach the internet, unless a rule there accepts them",
              "accept there what comes from interfaces of group 7702, and established answers to"
                  + " it (beside docker: in its chain DOCKER-USER)");
      default ->
          Finding.warning(
              chain.label(),
              found,
              "the gateway does not reach sandboxes, unless a rule there accepts it",
              "accept there established connections, and new ones to interfaces sp*");
    };
  }
}
