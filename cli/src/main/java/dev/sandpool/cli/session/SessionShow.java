package dev.sandpool.cli.session;

import dev.sandpool.cli.Shell;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code sandpool session show}. */
@CommandLine.Command(
    name = "show",
    description = "Shows one session.",
    footer = {
      "",
      "Examples",
      "  sandpool session show -n my-session-pool -g my-group --identifier user-1"
    })
public final class SessionShow extends SessionCommand {
  @Option(
      names = {"-i", "--identifier"},
      required = true,
      paramLabel = "ID",
      description = "The session's identifier.",
      order = 3)
  private String identifier = "";

  public SessionShow(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    print(connection().sessions(pool()).get(identifier));
  }
}
