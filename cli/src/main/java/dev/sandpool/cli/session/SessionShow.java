package dev.sandpool.cli.session;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.IdentifierOption;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** {@code sandpool session show}. */
@CommandLine.Command(
    name = "show",
    description = "Shows one session.",
    footer = {
      "",
      "Examples",
      "  sandpool session show -n my-session-pool -g my-group --identifier user-1"
    })
public final class SessionShow extends SessionCommand {
  @Mixin private final IdentifierOption identifier = new IdentifierOption();

  public SessionShow(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    print(connection().sessions(pool()).get(identifier.value()));
  }
}
