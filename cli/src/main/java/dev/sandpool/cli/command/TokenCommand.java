package dev.sandpool.cli.command;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.rest.Tokens;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code sandpool token}. */
@CommandLine.Command(
    name = "token",
    description = "Prints a token and nothing else.",
    footer = {
      "",
      "Examples",
      "  sandpool token",
      "  sandpool token --resource https://management.azure.com/",
    })
public final class TokenCommand extends Command {
  @Option(
      names = "--resource",
      paramLabel = "URI",
      description = "The audience. Default: " + Tokens.SESSIONS + ".")
  private String resource = Tokens.SESSIONS;

  public TokenCommand(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    shell().out().println(connection().tokens().get(resource));
  }
}
