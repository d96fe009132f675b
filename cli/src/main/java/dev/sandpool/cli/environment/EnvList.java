package dev.sandpool.cli.environment;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.Defaults;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code sandpool env list}. */
@CommandLine.Command(
    name = "list",
    description = "Lists environments of a resource group, or of the subscription.",
    footer = {"", "Examples", "  sandpool env list --output table"})
public final class EnvList extends Command {
  static final String COLUMNS =
      "{Name: name, ResourceGroup: resourceGroup, Location: location,"
          + " State: properties.provisioningState, Domain: properties.defaultDomain,"
          + " Isolation: properties.sandpoolIsolation,"
          + " Caution: properties.sandpoolIsolationCaution}";

  @Option(
      names = {"-g", "--resource-group"},
      paramLabel = "GROUP",
      description = "Only this resource group.")
  private @Nullable String group;

  public EnvList(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    String asked = group == null ? Defaults.of(shell()).get("group") : group;
    print(connection().arm().list(connection().ids().collection(asked, "managedEnvironments")));
  }

  @Override
  protected String tableColumns() {
    return "[]." + COLUMNS;
  }
}
