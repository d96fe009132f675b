package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.UnmatchedArgumentException;

class HelpTest extends CliTestBase {
  @Test
  void everyLevelHasHelpAndTheExamplesInItParse() {
    List<CommandLine> commands = new ArrayList<>();
    collect(tree(), commands);
    int examples = 0;
    for (CommandLine command : commands) {
      String name = command.getCommandSpec().qualifiedName();
      var help = user.type(name + " --help");
      assertThat(help.code()).as(name).isZero();
      assertThat(help.out()).as(name).startsWith("Usage: " + name);
      for (String example : examples(help.out())) {
        parse(example);
        examples++;
      }
    }
    assertThat(examples).isGreaterThan(commands.size() - 3);
  }

  private void parse(String example) {
    String[] words = User.words(example);
    var line = tree().setExpandAtFiles(false).setCaseInsensitiveEnumValuesAllowed(true);
    try {
      line.parseArgs(java.util.Arrays.copyOfRange(words, 1, words.length));
    } catch (UnmatchedArgumentException e) {
      throw new AssertionError("example does not parse: " + example, e);
    }
  }

  private static List<String> examples(String help) {
    int start = help.indexOf("\nExamples\n");
    if (start < 0) {
      return List.of();
    }
    String joined = help.substring(start).replaceAll("\\\\\\s*\\n\\s*", "");
    return joined
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("sandpool "))
        .map(line -> line.replaceFirst("\\s+(>|&&|\\|).*", ""))
        .toList();
  }

  @Test
  void onlyTheCalledCommandIsBuilt() {
    CommandLine line =
        new CommandTree(Main.surroundings()).forArguments(new String[] {"sessionpool", "show"});
    assertThat(line.getSubcommands().keySet()).containsExactly("sessionpool");
    assertThat(line.getSubcommands().values().iterator().next().getSubcommands().keySet())
        .containsExactly("show");
  }

  @Test
  void aloneItShowsItsHelp() {
    assertThat(user.run().code()).isZero();
    assertThat(user.run().out()).contains("sessionpool");
  }

  private static CommandLine tree() {
    return new CommandTree(Main.surroundings()).whole();
  }

  private static void collect(CommandLine line, List<CommandLine> all) {
    all.add(line);
    line.getSubcommands().values().forEach(child -> collect(child, all));
  }
}
