package dev.sandpool.cli.ad;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import picocli.CommandLine;

/** {@code sandpool ad sp list}. */
@CommandLine.Command(
    name = "list",
    description = "Lists the service principals of the built-in authority.",
    footer = {"", "Examples", "  sandpool ad sp list --output table"})
public final class PrincipalList extends Command {
  public PrincipalList(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    print(connection().arm().list(Principal.ALL));
  }

  @Override
  protected String tableColumns() {
    return "[]." + Principal.COLUMNS;
  }
}
