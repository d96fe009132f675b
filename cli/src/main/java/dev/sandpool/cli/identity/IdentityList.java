package dev.sandpool.cli.identity;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.Defaults;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;

/** {@code sandpool identity list}. */
@CommandLine.Command(
    name = "list",
    description = "Lists user-assigned identities of a resource group, or of the subscription.",
    footer = {"", "Examples", "  sandpool identity list --output table"})
public final class IdentityList extends Command {
  @Option(
      names = {"-g", "--resource-group"},
      paramLabel = "GROUP",
      description = "Only this resource group.")
  private @Nullable String group;

  public IdentityList(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    String asked = group == null ? Defaults.of(shell()).get("group") : group;
    ArrayNode all = connection().arm().list(connection().ids().identities(asked));
    all.forEach(Flat::of);
    print(all);
  }

  @Override
  protected String tableColumns() {
    return "[]." + Flat.COLUMNS;
  }
}
