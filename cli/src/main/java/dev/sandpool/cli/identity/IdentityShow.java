package dev.sandpool.cli.identity;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.NamedOptions;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** {@code sandpool identity show}. */
@CommandLine.Command(
    name = "show",
    description = "Shows a user-assigned identity.",
    footer = {
      "",
      "Examples",
      "  sandpool identity show -n my-identity -g my-group --query principalId --output tsv"
    })
public final class IdentityShow extends Command {
  @Mixin private final NamedOptions named = new NamedOptions();

  public IdentityShow(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    String id = connection().ids().identity(group(named.group()), named.name());
    print(Flat.of(connection().arm().get(id)));
  }

  @Override
  protected String tableColumns() {
    return Flat.COLUMNS;
  }
}
