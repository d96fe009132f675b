package dev.sandpool.cli.ad;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** {@code sandpool ad sp show}. */
@CommandLine.Command(
    name = "show",
    description = "Shows a service principal, with the ids of its credentials.",
    footer = {"", "Examples", "  sandpool ad sp show --id 11111111-2222-3333-4444-555555555555"})
public final class PrincipalShow extends Command {
  @Mixin private final IdOption which = new IdOption();

  public PrincipalShow(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    print(connection().arm().get(Principal.path(which.id)));
  }

  @Override
  protected String tableColumns() {
    return Principal.COLUMNS;
  }
}
