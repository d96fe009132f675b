package dev.sandpool.cli.pool;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.NamedOptions;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** {@code sandpool sessionpool show}. */
@CommandLine.Command(
    name = "show",
    description = "Shows a session pool.",
    footer = {
      "",
      "Examples",
      "  sandpool sessionpool show --name my-session-pool --resource-group my-group \\",
      "      --query \"properties.poolManagementEndpoint\" --output tsv",
    })
public final class PoolShow extends Command {
  @Mixin private final NamedOptions named = new NamedOptions();

  public PoolShow(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    String group = group(named.group());
    print(connection().arm().get(connection().ids().pool(group, named.name())));
  }

  @Override
  protected String tableColumns() {
    return Tables.ONE;
  }
}
