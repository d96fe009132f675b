package dev.sandpool.cli.session;

import dev.sandpool.cli.Shell;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code sandpool session stop}. */
@CommandLine.Command(
    name = "stop",
    description = "Ends a session; its sandbox is destroyed.",
    footer = {
      "",
      "Examples",
      "  sandpool session stop -n my-session-pool -g my-group --identifier user-1"
    })
public final class SessionStop extends SessionCommand {
  @Option(
      names = {"-i", "--identifier"},
      required = true,
      paramLabel = "ID",
      description = "The session's identifier.",
      order = 3)
  private String identifier = "";

  public SessionStop(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    String said = connection().sessions(pool()).stop(identifier);
    print(JsonNodeFactory.instance.stringNode(said));
  }
}
