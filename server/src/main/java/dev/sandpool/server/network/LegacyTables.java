package dev.sandpool.server.network;

import dev.sandpool.model.Json;
import dev.sandpool.server.linux.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The host's rules that were made with iptables-legacy, in the form in which nft shows its own
 * (libnftables-json(5)), as far as {@link ForeignFirewalls} looks at it. The kernel asks them
 * beside those of nftables, which does not show them.
 */
final class LegacyTables {
  static final String FAMILY = "iptables-legacy";

  private static final Path NAMES = Path.of("/proc/net/ip_tables_names");
  private static final String TOOL = "iptables-legacy-save";
  private static final Map<String, String> HOOKS =
      Map.of(
          "PREROUTING", "prerouting",
          "INPUT", "input",
          "FORWARD", "forward",
          "OUTPUT", "output",
          "POSTROUTING", "postrouting");
  private static final Pattern WORD = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|\\S+");

  private LegacyTables() {}

  /**
   * Those of this host: chains and rules.
   *
   * @throws IOException if there are any and they cannot be read
   */
  static List<ObjectNode> read() throws IOException {
    // Asked first: the tool would make the tables that it looks for.
    if (!Files.exists(NAMES) || Files.readString(NAMES).isBlank()) {
      return List.of();
    }
    Path tool =
        Command.find(TOOL)
            .orElseThrow(() -> new IOException("the program '" + TOOL + "' is missing"));
    return parse(Command.require(List.of(tool.toString()), ""));
  }

  /** The same for what that tool has printed (iptables-save(8)). */
  static List<ObjectNode> parse(String saved) {
    List<ObjectNode> items = new ArrayList<>();
    String table = "";
    for (String line : saved.lines().toList()) {
      if (line.startsWith("*")) {
        table = line.substring(1).strip();
      } else if (line.startsWith(":")) {
        items.add(chain(table, line.substring(1).split(" ")));
      } else if (line.startsWith("-A ")) {
        items.add(rule(table, words(line)));
      }
    }
    return items;
  }

  /** NAME POLICY [PACKETS:BYTES] */
  private static ObjectNode chain(String table, String[] words) {
    ObjectNode item = Json.MAPPER.createObjectNode();
    ObjectNode chain =
        item.putObject("chain").put("family", FAMILY).put("table", table).put("name", words[0]);
    String hook = HOOKS.get(words[0]);
    if (hook != null) {
      chain.put("hook", hook).put("policy", words[1].toLowerCase(Locale.ROOT));
    }
    return item;
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(line);
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }

  /** -A CHAIN, what it matches, -j TARGET and what that is told. */
  private static ObjectNode rule(String table, List<String> words) {
    ObjectNode item = Json.MAPPER.createObjectNode();
    ObjectNode rule =
        item.putObject("rule")
            .put("family", FAMILY)
            .put("table", table)
            .put("chain", words.size() > 1 ? words.get(1) : "");
    ArrayNode expr = rule.putArray("expr");
    ArrayNode matched = Json.MAPPER.createArrayNode();
    for (int i = 2; i < words.size(); i++) {
      String word = words.get(i);
      String value = i + 1 < words.size() ? words.get(i + 1) : "";
      boolean except = words.get(i - 1).equals("!");
      switch (word) {
        case "!" -> {}
        case "-j", "-g" -> {
          expr.add(verdict(value));
          matched = Json.MAPPER.createArrayNode();
          i++;
        }
        case "-m" -> {
          // A comment narrows nothing.
          matched = value.equals("comment") ? Json.MAPPER.createArrayNode() : match(expr);
          i++;
        }
        case "-i", "-o" -> {
          matched = match(expr).add(except ? "not" : value.replaceFirst("\\+$", "*"));
          i++;
        }
        case "-s", "-d", "-p", "-f" -> matched = match(expr);
        default -> {
          for (String part : word.split(",")) {
            matched.add(part.toLowerCase(Locale.ROOT));
          }
        }
      }
    }
    return item;
  }

  private static ArrayNode match(ArrayNode expr) {
    return expr.addObject().putObject("match").putArray("right");
  }

  private static ObjectNode verdict(String target) {
    ObjectNode verdict = Json.MAPPER.createObjectNode();
    switch (target) {
      case "ACCEPT", "DROP", "REJECT", "RETURN", "LOG" ->
          verdict.putNull(target.toLowerCase(Locale.ROOT));
      default -> verdict.putObject("jump").put("target", target);
    }
    return verdict;
  }
}
