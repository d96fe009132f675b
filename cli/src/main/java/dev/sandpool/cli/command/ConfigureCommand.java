package dev.sandpool.cli.command;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code sandpool configure}. */
@CommandLine.Command(
    name = "configure",
    description = "Sets defaults for options; without --defaults shows them.",
    footer = {
      "",
      "Examples",
      "  sandpool configure --defaults group=my-group location=eastus",
      "  sandpool configure --defaults location=",
      "  sandpool configure --list-defaults",
    })
public final class ConfigureCommand extends Command {
  @Option(
      names = {"-l", "--list-defaults"},
      description = "Shows the defaults.")
  private boolean list;

  @Option(
      names = {"-d", "--defaults"},
      arity = "1..*",
      paramLabel = "NAME=VALUE",
      description = "group=... and location=...; an empty value takes a default away.")
  private List<String> values = List.of();

  public ConfigureCommand(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() throws IOException {
    var defaults = Defaults.of(shell());
    var current = defaults.read();
    for (String value : values) {
      String[] pair = value.split("=", 2);
      if (pair.length != 2 || !Defaults.NAMES.contains(pair[0])) {
        throw Failure.usage("'" + pair[0] + "' is not group=VALUE or location=VALUE");
      }
      if (pair[1].isEmpty()) {
        current.remove(pair[0]);
      } else {
        current.put(pair[0], pair[1]);
      }
    }
    if (!values.isEmpty()) {
      defaults.write(current);
    }
    if (values.isEmpty() || list) {
      print(current);
    }
  }
}
