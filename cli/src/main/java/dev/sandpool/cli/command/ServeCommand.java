package dev.sandpool.cli.command;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import picocli.CommandLine;

/** A line in the help: the launcher starts the server itself for {@code serve}. */
@CommandLine.Command(
    name = "serve",
    description = "Runs the server; 'sandpool serve --help' shows its options.")
public final class ServeCommand extends Command {
  public ServeCommand(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    throw Failure.usage("the server is started by the launcher: run 'sandpool serve'");
  }
}
