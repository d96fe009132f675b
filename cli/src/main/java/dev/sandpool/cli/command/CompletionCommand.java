package dev.sandpool.cli.command;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** {@code sandpool completion}. */
@CommandLine.Command(
    name = "completion",
    description = "Prints a script that teaches a shell our commands and options.",
    footer = {
      "",
      "Examples",
      "  source <(sandpool completion bash)",
      "  sandpool completion zsh > ~/.sandpool-completion && source ~/.sandpool-completion",
    })
public final class CompletionCommand extends Command {
  @Parameters(
      paramLabel = "SHELL",
      completionCandidates = Shells.class,
      description = "bash or zsh.")
  private String kind = "";

  /** The shells that there is a script for. */
  static final class Shells extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Shells() {
      super(List.of("bash", "zsh"));
    }
  }

  private final Supplier<CommandLine> everything;

  /**
   * @param everything makes the whole tree of commands
   */
  public CompletionCommand(Shell shell, Supplier<CommandLine> everything) {
    super(shell);
    this.everything = everything;
  }

  @Override
  protected void run() {
    if (!new Shells().contains(kind)) {
      throw Failure.usage("there is a script for bash and one for zsh, none for '" + kind + "'");
    }
    // One script for both: it switches on zsh's emulation of bash completion by itself.
    shell().out().print(AutoComplete.bash("sandpool", everything.get()));
  }
}
