package dev.sandpool.cli.pool;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.DeleteCommand;
import dev.sandpool.cli.rest.Ids;
import picocli.CommandLine;

/** {@code sandpool sessionpool delete}. */
@CommandLine.Command(
    name = "delete",
    description = "Deletes a session pool and ends its sessions.",
    footer = {"", "Examples", "  sandpool sessionpool delete -n my-session-pool -g my-group --yes"})
public final class PoolDelete extends DeleteCommand {
  public PoolDelete(Shell shell) {
    super(shell);
  }

  @Override
  protected String id(Ids ids, String group, String name) {
    return ids.pool(group, name);
  }

  @Override
  protected String noun() {
    return "session pool";
  }

  @Override
  protected String deleted() {
    return "Session pool successfully deleted";
  }
}
