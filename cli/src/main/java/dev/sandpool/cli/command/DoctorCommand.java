package dev.sandpool.cli.command;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import picocli.CommandLine;

/** A line in the help: the launcher starts the doctor, which needs no server, by itself. */
@CommandLine.Command(
    name = "doctor",
    description = "Checks this host; 'sandpool doctor --help' shows its options.",
    footer = {"", "Examples", "  sandpool doctor", "  sandpool doctor --output json"})
public final class DoctorCommand extends Command {
  public DoctorCommand(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    throw Failure.usage("the doctor is started by the launcher: run 'sandpool doctor'");
  }
}
