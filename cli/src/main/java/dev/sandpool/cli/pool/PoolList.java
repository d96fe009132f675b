package dev.sandpool.cli.pool;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.Defaults;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code sandpool sessionpool list}. */
@CommandLine.Command(
    name = "list",
    description = "Lists session pools of a resource group, or of the subscription.",
    footer = {
      "",
      "Examples",
      "  sandpool sessionpool list --output table",
      "  sandpool sessionpool list -g my-group --query \"[].name\" -o tsv",
    })
public final class PoolList extends Command {
  @Option(
      names = {"-g", "--resource-group"},
      paramLabel = "GROUP",
      description = "Only this resource group.")
  private @Nullable String group;

  public PoolList(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    String asked = group == null ? Defaults.of(shell()).get("group") : group;
    print(connection().arm().list(connection().ids().collection(asked, "sessionPools")));
  }

  @Override
  protected String tableColumns() {
    return Tables.LIST;
  }
}
