package dev.sandpool.cli.role;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import picocli.CommandLine;

/** {@code sandpool role definition list}. */
@CommandLine.Command(
    name = "list",
    description = "Lists the roles that there are.",
    footer = {"", "Examples", "  sandpool role definition list --output table"})
public final class DefinitionList extends Command {
  public DefinitionList(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    print(connection().arm().list(RoleCalls.definitions("/")));
  }

  @Override
  protected String tableColumns() {
    return "[].{Role: properties.roleName, Name: name, Description: properties.description}";
  }
}
