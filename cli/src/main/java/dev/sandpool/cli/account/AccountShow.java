package dev.sandpool.cli.account;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.rest.Context;
import picocli.CommandLine;

/** {@code sandpool account show}. */
@CommandLine.Command(
    name = "show",
    description = "Shows the login and the subscription that commands work in.",
    footer = {"", "Examples", "  sandpool account show --query id --output tsv"})
public final class AccountShow extends Command {
  public AccountShow(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    Context context = Context.find(shell());
    print(Account.of(context, subscription(context), true));
  }

  @Override
  protected String tableColumns() {
    return AccountList.COLUMNS;
  }
}
