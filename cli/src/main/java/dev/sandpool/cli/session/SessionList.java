package dev.sandpool.cli.session;

import dev.sandpool.cli.Shell;
import picocli.CommandLine;

/** {@code sandpool session list}. */
@CommandLine.Command(
    name = "list",
    description = "Lists the sessions of a pool.",
    footer = {
      "",
      "Examples",
      "  sandpool session list -n my-session-pool -g my-group --output table"
    })
public final class SessionList extends SessionCommand {

  public SessionList(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    print(connection().sessions(pool()).list());
  }
}
