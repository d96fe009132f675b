package dev.sandpool.cli.pool;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.NamedOptions;
import dev.sandpool.cli.command.UsagesCommand;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** {@code sandpool sessionpool list-usages}. */
@CommandLine.Command(
    name = "list-usages",
    description = "Shows how much of the quotas of pools a session pool asks for.",
    footer = {"", "Examples", "  sandpool sessionpool list-usages -n mypool -g my-group -o table"})
public final class PoolListUsages extends UsagesCommand {
  @Mixin private final NamedOptions named = new NamedOptions();

  public PoolListUsages(Shell shell) {
    super(shell);
  }

  @Override
  protected String of() {
    return connection().ids().pool(group(named.group()), named.name());
  }
}
