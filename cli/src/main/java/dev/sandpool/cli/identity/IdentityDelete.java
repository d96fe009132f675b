package dev.sandpool.cli.identity;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.DeleteCommand;
import dev.sandpool.cli.rest.Ids;
import picocli.CommandLine;

/** {@code sandpool identity delete}. */
@CommandLine.Command(
    name = "delete",
    description = "Deletes a user-assigned identity; pools that have it get no more tokens of it.",
    footer = {"", "Examples", "  sandpool identity delete -n my-identity -g my-group --yes"})
public final class IdentityDelete extends DeleteCommand {
  public IdentityDelete(Shell shell) {
    super(shell);
  }

  @Override
  protected String id(Ids ids, String group, String name) {
    return ids.identity(group, name);
  }

  @Override
  protected String noun() {
    return "identity";
  }

  @Override
  protected String deleted() {
    return "Identity successfully deleted";
  }
}
