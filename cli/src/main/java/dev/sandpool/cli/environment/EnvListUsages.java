package dev.sandpool.cli.environment;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.NamedOptions;
import dev.sandpool.cli.command.UsagesCommand;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** {@code sandpool env list-usages}. */
@CommandLine.Command(
    name = "list-usages",
    description =
        "Shows how much of its subscription's quotas the pools of an environment ask for.",
    footer = {"", "Examples", "  sandpool env list-usages -n my-environment -g my-group -o table"})
public final class EnvListUsages extends UsagesCommand {
  @Mixin private final NamedOptions named = new NamedOptions();

  public EnvListUsages(Shell shell) {
    super(shell);
  }

  @Override
  protected String of() {
    return connection().ids().environment(group(named.group()), named.name());
  }
}
