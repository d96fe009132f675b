package dev.sandpool.server.network;

import dev.sandpool.model.Json;
import dev.sandpool.server.linux.Nftables;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Other people's packet rules that can take from sandboxes what ours give: an accept ends one chain
 * only, a drop ends the packet. Docker's and other tools' iptables rules are among them where
 * iptables writes to nftables, as it does by default.
 */
public final class ForeignFirewalls {
  private ForeignFirewalls() {}

  /** What is lost. */
  public enum Effect {
    /** Sandboxes with egress do not reach the internet. */
    EGRESS,
    /** The gateway does not reach any sandbox, or hears no answer. */
    EVERYTHING
  }

  /**
   * A chain of somebody else that drops unless one of its rules accepts.
   *
   * @param remedy what an administrator can do, in words
   */
  public record Finding(
      String family, String table, String chain, String hook, Effect effect, String remedy) {}

  /**
   * What is found on this host.
   *
   * @param prefix of our own tables and interfaces
   * @throws IOException if the rules cannot be read
   */
  public static List<Finding> find(String prefix) throws IOException {
    try (Nftables nft = Nftables.openForJson()) {
      return parse(nft.run("list ruleset"), prefix);
    }
  }

  /**
   * The same for what {@code nft -j list ruleset} has printed.
   *
   * @throws IOException if it is no such text
   */
  static List<Finding> parse(String json, String prefix) throws IOException {
    JsonNode items;
    try {
      items = Json.MAPPER.readTree(json.isBlank() ? "{}" : json).path("nftables");
    } catch (JacksonException e) {
      throw new IOException("the host's packet rules are not JSON: " + e.getOriginalMessage(), e);
    }
    Map<String, List<JsonNode>> rules = new HashMap<>();
    for (JsonNode item : items) {
      JsonNode rule = item.path("rule");
      if (!rule.isMissingNode()) {
        rules.computeIfAbsent(key(rule, "chain"), key -> new ArrayList<>()).add(rule);
      }
    }
    List<Finding> findings = new ArrayList<>();
    for (JsonNode item : items) {
      Finding finding = finding(item.path("chain"), rules, prefix);
      if (finding != null) {
        findings.add(finding);
      }
    }
    return findings;
  }

  private static @Nullable Finding finding(
      JsonNode chain, Map<String, List<JsonNode>> rules, String prefix) {
    String table = chain.path("table").asString("");
    String family = chain.path("family").asString("");
    boolean concerned = family.equals("ip") || family.equals("inet");
    if (!concerned || table.startsWith(prefix) || !drops(chain, rules, prefix)) {
      return null;
    }
    return switch (chain.path("hook").asString("")) {
      case "forward" -> finding(chain, Effect.EGRESS, forwardRemedy(rules, family, table, prefix));
      case "input", "output", "prerouting", "postrouting" ->
          finding(
              chain,
              Effect.EVERYTHING,
              "let packets of the interfaces " + prefix + "* pass in this chain");
      default -> null;
    };
  }

  private static Finding finding(JsonNode chain, Effect effect, String remedy) {
    return new Finding(
        chain.path("family").asString(""),
        chain.path("table").asString(""),
        chain.path("name").asString(""),
        chain.path("hook").asString(""),
        effect,
        remedy);
  }

  /** By its policy, or by a last rule that takes everything; not where it lets our packets pass. */
  private static boolean drops(JsonNode chain, Map<String, List<JsonNode>> rules, String prefix) {
    List<JsonNode> own = rules.getOrDefault(key(chain, "name"), List.of());
    boolean answersOnly = chain.path("hook").asString("").equals("input");
    if (letsPass(own, rules, prefix, 0) || (answersOnly && acceptsAnswers(own))) {
      return false;
    }
    boolean last =
        !own.isEmpty()
            && own.getLast().path("expr").size() == 1
            && (own.getLast().path("expr").get(0).has("drop")
                || own.getLast().path("expr").get(0).has("reject"));
    return chain.path("policy").asString("").equals("drop") || last;
  }

  /** A rule that accepts whatever belongs to a connection: sandboxes send the host nothing else. */
  private static boolean acceptsAnswers(List<JsonNode> own) {
    return own.stream()
        .map(rule -> rule.path("expr"))
        .filter(expr -> expr.toString().contains("\"accept\""))
        .filter(expr -> matches(expr) == 1)
        .map(JsonNode::toString)
        .anyMatch(text -> text.contains("\"established\"") || text.contains("\"conntrack\""));
  }

  private static int matches(JsonNode expr) {
    int matches = 0;
    for (JsonNode part : expr) {
      if (part.has("match") || part.path("xt").path("type").asString("").equals("match")) {
        matches++;
      }
    }
    return matches;
  }

  /** A rule that names our interfaces, here or in a chain that is jumped to, and accepts. */
  private static boolean letsPass(
      List<JsonNode> own, Map<String, List<JsonNode>> rules, String prefix, int depth) {
    for (JsonNode rule : own) {
      String text = rule.path("expr").toString();
      if (text.contains("\"accept\"") && text.contains('"' + prefix)) {
        return true;
      }
      for (JsonNode part : rule.path("expr")) {
        String target = part.path("jump").path("target").asString("");
        String key =
            rule.path("family").asString("") + ' ' + rule.path("table").asString("") + ' ' + target;
        if (!target.isEmpty()
            && depth < 3
            && letsPass(rules.getOrDefault(key, List.of()), rules, prefix, depth + 1)) {
          return true;
        }
      }
    }
    return false;
  }

  private static String forwardRemedy(
      Map<String, List<JsonNode>> rules, String family, String table, String prefix) {
    boolean docker = rules.keySet().stream().anyMatch(key -> key.contains(" DOCKER"));
    if (docker && family.equals("ip") && table.equals("filter")) {
      return "iptables -I DOCKER-USER -i "
          + prefix
          + "+ -j ACCEPT; iptables -I DOCKER-USER -o "
          + prefix
          + "+ -m conntrack --ctstate ESTABLISHED -j ACCEPT";
    }
    return "accept packets from interfaces "
        + prefix
        + "*, and established ones to them, in this chain";
  }

  private static String key(JsonNode node, String name) {
    return node.path("family").asString("")
        + ' '
        + node.path("table").asString("")
        + ' '
        + node.path(name).asString("");
  }
}
