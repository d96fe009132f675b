package dev.sandpool.cli.environment;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.NamedOptions;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** {@code sandpool env show}. */
@CommandLine.Command(
    name = "show",
    description = "Shows an environment.",
    footer = {"", "Examples", "  sandpool env show -n my-environment -g my-group"})
public final class EnvShow extends Command {
  @Mixin private final NamedOptions named = new NamedOptions();

  public EnvShow(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    String group = group(named.group());
    print(connection().arm().get(connection().ids().environment(group, named.name())));
  }

  @Override
  protected String tableColumns() {
    return EnvList.COLUMNS;
  }
}
