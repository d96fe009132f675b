package dev.sandpool.cli.interpreter;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code sandpool session code-interpreter execute}: its exit code is not the code's own. */
@CommandLine.Command(
    name = "execute",
    description = "Runs code in a session. That the code failed is in the answer's status.",
    footer = {
      "",
      "Examples",
      "  sandpool session code-interpreter execute -n my-session-pool -g my-group \\",
      "      --identifier user-1 --code \"print('Hello world')\" --timeout-in-seconds 30",
    })
public final class Execute extends InterpreterCommand {
  @Option(
      names = "--code",
      required = true,
      paramLabel = "CODE",
      description = "What to run.",
      order = 4)
  private String code = "";

  @Option(
      names = "--timeout-in-seconds",
      paramLabel = "SECONDS",
      description = "How long it may run, 1 to 220. Default: 60.",
      order = 5)
  private int timeout = 60;

  public Execute(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    if (timeout < 1 || timeout > 220) {
      throw Failure.usage("Timeout in seconds must be in range [1, 220].");
    }
    print(session().execute(code, timeout));
  }
}
