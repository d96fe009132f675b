package dev.sandpool.server.network;

import dev.sandpool.model.Json;
import dev.sandpool.server.linux.Nftables;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Other people's packet rules that can take from sandboxes what ours give: an accept ends one chain
 * only, a drop ends the packet. Docker's and other tools' iptables rules are among them where
 * iptables writes to nftables, as it does by default.
 */
public final class ForeignFirewalls {
  /** How the names of all servers' interfaces begin. */
  private static final String PREFIX = "sp";

  /** A rule's word for them: all servers', or those of one. A source port begins alike. */
  private static final Pattern INTERFACES = Pattern.compile("\"sp(?:[a-z2-7]{4})?\\*\"");

  private static final Pattern OURS = Pattern.compile("sp[a-z2-7]{4}(_limits|shield)?");

  private ForeignFirewalls() {}

  /** What is lost. */
  public enum Effect {
    /** Sandboxes with egress do not reach the internet. */
    EGRESS,
    /** The gateway does not reach any sandbox, or hears no answer. */
    EVERYTHING,
    /** Sandboxes with an identity get no tokens. */
    TOKENS
  }

  /**
   * A chain of somebody else that drops unless one of its rules accepts.
   *
   * @param remedy what an administrator can do, in words
   */
  public record Drop(
      String family, String table, String chain, String hook, Effect effect, String remedy) {}

  /**
   * Those of this host.
   *
   * @throws IOException if the rules cannot be read
   */
  public static List<Drop> find() throws IOException {
    try (Nftables nft = Nftables.openForJson()) {
      return parse(nft.run("list ruleset"));
    }
  }

  /**
   * Those of this host that were made with iptables-legacy, which the above do not show.
   *
   * @throws IOException if there are any and they cannot be read
   */
  public static List<Drop> findLegacy() throws IOException {
    return of(LegacyTables.read());
  }

  /**
   * The same for what {@code nft -j list ruleset} has printed.
   *
   * @throws IOException if it is no such text
   */
  static List<Drop> parse(String json) throws IOException {
    JsonNode items;
    try {
      items = Json.MAPPER.readTree(json.isBlank() ? "{}" : json).path("nftables");
    } catch (JacksonException e) {
      throw new IOException("the host's packet rules are not JSON: " + e.getOriginalMessage(), e);
    }
    return of(items);
  }

  /** The same for chains and rules in that form. */
  static List<Drop> of(Iterable<? extends JsonNode> items) {
    Map<String, List<JsonNode>> rules = new HashMap<>();
    for (JsonNode item : items) {
      JsonNode rule = item.path("rule");
      if (!rule.isMissingNode()) {
        rules.computeIfAbsent(key(rule, "chain"), key -> new ArrayList<>()).add(rule);
      }
    }
    List<Drop> drops = new ArrayList<>();
    for (JsonNode item : items) {
      drop(item.path("chain"), rules).ifPresent(drops::add);
    }
    return drops;
  }

  private static Optional<Drop> drop(JsonNode chain, Map<String, List<JsonNode>> rules) {
    String table = chain.path("table").asString("");
    String family = chain.path("family").asString("");
    boolean concerned = Set.of("ip", "inet", LegacyTables.FAMILY).contains(family);
    if (!concerned || OURS.matcher(table).matches() || !drops(chain, rules)) {
      return Optional.empty();
    }
    return switch (chain.path("hook").asString("")) {
      case "forward" ->
          Optional.of(drop(chain, Effect.EGRESS, forwardRemedy(rules, family, table)));
      case "input" -> Optional.of(inputDrop(chain, rules));
      case "output", "prerouting", "postrouting" ->
          Optional.of(
              drop(
                  chain,
                  Effect.EVERYTHING,
                  "let packets of the interfaces " + PREFIX + "* pass in this chain"));
      default -> Optional.empty();
    };
  }

  private static Drop inputDrop(JsonNode chain, Map<String, List<JsonNode>> rules) {
    return acceptsAnswers(rules.getOrDefault(key(chain, "name"), List.of()), rules, 0)
        ? drop(
            chain,
            Effect.TOKENS,
            "if pools have identities, accept TCP port network.identityPort from the interfaces "
                + PREFIX
                + "* in this chain")
        : drop(
            chain,
            Effect.EVERYTHING,
            "let packets of the interfaces " + PREFIX + "* pass in this chain");
  }

  private static Drop drop(JsonNode chain, Effect effect, String remedy) {
    return new Drop(
        chain.path("family").asString(""),
        chain.path("table").asString(""),
        chain.path("name").asString(""),
        chain.path("hook").asString(""),
        effect,
        remedy);
  }

  /** By its policy, or by a last rule that takes everything; not where it lets our packets pass. */
  private static boolean drops(JsonNode chain, Map<String, List<JsonNode>> rules) {
    List<JsonNode> own = rules.getOrDefault(key(chain, "name"), List.of());
    if (letsPass(own, rules, 0)) {
      return false;
    }
    return chain.path("policy").asString("").equals("drop")
        || (!own.isEmpty() && dropsAll(own.getLast().path("expr")));
  }

  private static boolean dropsAll(JsonNode expr) {
    return expr.valueStream().anyMatch(ForeignFirewalls::isDrop)
        && expr.valueStream()
            .allMatch(part -> isDrop(part) || part.has("counter") || part.has("log"));
  }

  /** Some versions of nft show iptables' REJECT by its name. */
  private static boolean isDrop(JsonNode part) {
    return part.has("drop")
        || part.has("reject")
        || part.path("xt").path("name").asString("").equals("REJECT");
  }

  /**
   * A rule that accepts whatever belongs to a connection, here or in a chain that all packets go
   * through: sandboxes send the host nothing else.
   */
  private static boolean acceptsAnswers(
      List<JsonNode> own, Map<String, List<JsonNode>> rules, int depth) {
    return acceptsAnswers(own)
        || own.stream()
            .filter(rule -> depth < 3 && matches(rule.path("expr")) == 0)
            .flatMap(rule -> rule.path("expr").valueStream().map(part -> target(rule, part)))
            .anyMatch(key -> acceptsAnswers(rules.getOrDefault(key, List.of()), rules, depth + 1));
  }

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
      if (part.has("match")
          || part.has("vmap")
          || part.path("xt").path("type").asString("").equals("match")) {
        matches++;
      }
    }
    return matches;
  }

  /** A rule that names our interfaces, here or in a chain that is jumped to, and accepts. */
  private static boolean letsPass(
      List<JsonNode> own, Map<String, List<JsonNode>> rules, int depth) {
    for (JsonNode rule : own) {
      String text = rule.path("expr").toString();
      if (text.contains("\"accept\"") && INTERFACES.matcher(text).find()) {
        return true;
      }
      for (JsonNode part : rule.path("expr")) {
        List<JsonNode> next = rules.getOrDefault(target(rule, part), List.of());
        if (depth < 3 && letsPass(next, rules, depth + 1)) {
          return true;
        }
      }
    }
    return false;
  }

  /** The key of the chain to which that part of a rule leads; of none where it leads nowhere. */
  private static String target(JsonNode rule, JsonNode part) {
    return rule.path("family").asString("")
        + ' '
        + rule.path("table").asString("")
        + ' '
        + part.path("jump").path("target").asString("");
  }

  private static String forwardRemedy(
      Map<String, List<JsonNode>> rules, String family, String table) {
    boolean docker = rules.keySet().stream().anyMatch(key -> key.contains(" DOCKER"));
    if (docker && !family.equals("inet") && table.equals("filter")) {
      String program = family.equals(LegacyTables.FAMILY) ? LegacyTables.FAMILY : "iptables";
      return program
          + " -I DOCKER-USER -i "
          + PREFIX
          + "+ -j ACCEPT; "
          + program
          + " -I DOCKER-USER -o "
          + PREFIX
          + "+ -m conntrack --ctstate ESTABLISHED -j ACCEPT";
    }
    return "accept packets from interfaces "
        + PREFIX
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
