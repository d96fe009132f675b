package dev.sandpool.cli.environment;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.DeleteCommand;
import dev.sandpool.cli.rest.Ids;
import picocli.CommandLine;

/** {@code sandpool env delete}. */
@CommandLine.Command(
    name = "delete",
    description = "Deletes an environment that has no pools.",
    footer = {"", "Examples", "  sandpool env delete -n my-environment -g my-group --yes"})
public final class EnvDelete extends DeleteCommand {
  public EnvDelete(Shell shell) {
    super(shell);
  }

  @Override
  protected String id(Ids ids, String group, String name) {
    return ids.environment(group, name);
  }

  @Override
  protected String noun() {
    return "environment";
  }

  @Override
  protected String deleted() {
    return "Containerapp environment successfully deleted";
  }
}
