package dev.sandpool.cli.account;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.rest.Context;
import java.util.LinkedHashSet;
import java.util.List;
import picocli.CommandLine;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code sandpool account list}: the login's own subscription and the one that was set. */
@CommandLine.Command(
    name = "list",
    description = "Lists the login's subscription and the one that was set.",
    footer = {"", "Examples", "  sandpool account list --output table"})
public final class AccountList extends Command {
  static final String COLUMNS =
      "{Name: name, SubscriptionId: id, TenantId: tenantId, State: state, IsDefault: isDefault,"
          + " Endpoint: endpoint}";

  public AccountList(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    Context context = Context.find(shell());
    String current = subscription(context);
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    for (String id : new LinkedHashSet<>(List.of(current, context.subscription()))) {
      all.add(Account.of(context, id, id.equals(current)));
    }
    print(all);
  }

  @Override
  protected String tableColumns() {
    return "[]." + COLUMNS;
  }
}
