package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** A command or option that docs/cli.md forgets does not exist for those who read it. */
class DocumentationTest {
  @Test
  void pageNamesEveryCommandAndItsOptions() throws IOException {
    Path page = Path.of("").toAbsolutePath().resolveSibling("docs/cli.md");
    Map<String, String> sections = sections(Files.readString(page));
    String common = sections.getOrDefault("For every command", "");
    List<String> missing = new ArrayList<>();
    for (CommandLine leaf : leaves(new CommandTree(Main.surroundings()).whole())) {
      String section = section(sections, leaf);
      String name = leaf.getCommandSpec().qualifiedName();
      if (!section.contains("`" + leaf.getCommandName() + "`")
          && !section.contains(leaf.getCommandName())) {
        missing.add(name);
      }
      leaf.getCommandSpec().options().stream()
          .map(option -> option.longestName())
          .filter(option -> !section.contains(option) && !common.contains("`" + option + "`"))
          .forEach(option -> missing.add(name + " " + option));
    }
    assertThat(missing).isEmpty();
  }

  /** The section whose heading names the most of the command's words. */
  private static String section(Map<String, String> sections, CommandLine leaf) {
    String name = leaf.getCommandSpec().qualifiedName();
    String group = name.substring(0, name.lastIndexOf(' '));
    String verb = "`" + leaf.getCommandName() + "`";
    for (Map.Entry<String, String> section : sections.entrySet()) {
      String heading = section.getKey();
      boolean alone = heading.equals("`" + name + "`");
      boolean first = heading.startsWith("`" + name + "`,");
      boolean among = heading.startsWith("`" + group + " ") && heading.contains(verb);
      if (alone || first || among || heading.equals("`" + group + "`")) {
        return section.getValue();
      }
    }
    return sections.getOrDefault("Ours", "");
  }

  private static Map<String, String> sections(String page) {
    Map<String, String> sections = new LinkedHashMap<>();
    for (String section : page.split("\n## ")) {
      String[] parts = section.split("\n", 2);
      sections.put(parts[0], section);
    }
    return sections;
  }

  private static List<CommandLine> leaves(CommandLine line) {
    if (line.getSubcommands().isEmpty()) {
      return List.of(line);
    }
    return line.getSubcommands().values().stream()
        .flatMap(child -> leaves(child).stream())
        .toList();
  }
}
