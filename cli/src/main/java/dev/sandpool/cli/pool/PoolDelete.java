package dev.sandpool.cli.pool;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.Confirmation;
import dev.sandpool.cli.command.NamedOptions;
import dev.sandpool.cli.rest.Arm;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sandpool sessionpool delete}. */
@CommandLine.Command(
    name = "delete",
    description = "Deletes a session pool and ends its sessions.",
    footer = {"", "Examples", "  sandpool sessionpool delete -n my-session-pool -g my-group --yes"})
public final class PoolDelete extends Command {
  @Mixin private final NamedOptions named = new NamedOptions();
  @Mixin private final Confirmation confirmation = new Confirmation();

  @Option(
      names = "--no-wait",
      description = "Does not wait for the end of the operation.",
      order = 50)
  private boolean noWait;

  public PoolDelete(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() throws IOException {
    String group = group(named.group());
    confirmation.ask(shell());
    String id = connection().ids().pool(group, named.name());
    boolean existed = connection().arm().delete(id, new Arm.Waiting(!noWait, named.name()));
    if (!existed) {
      shell().err().println("There was no session pool '" + named.name() + "'");
    } else if (!noWait) {
      shell().err().println("Session pool successfully deleted");
    }
  }
}
