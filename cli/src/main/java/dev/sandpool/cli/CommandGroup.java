package dev.sandpool.cli;

import picocli.CommandLine;
import picocli.CommandLine.Option;

/** A command that only holds others: called alone it shows its help. */
@CommandLine.Command(synopsisSubcommandLabel = "COMMAND")
final class CommandGroup implements Runnable {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

  @CommandLine.Spec private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null && !help) {
      spec.commandLine().usage(spec.commandLine().getOut());
    }
  }
}
