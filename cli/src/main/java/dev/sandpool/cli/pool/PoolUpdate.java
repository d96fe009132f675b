package dev.sandpool.cli.pool;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.NamedOptions;
import dev.sandpool.cli.rest.Arm;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** {@code sandpool sessionpool update}. */
@CommandLine.Command(
    name = "update",
    description = "Changes a session pool; what is not named stays.",
    footer = {
      "",
      "Examples",
      "  sandpool sessionpool update -n my-session-pool -g my-group --image agent:1.1",
      "  sandpool sessionpool update -n my-session-pool -g my-group --ready-sessions 8",
    })
public final class PoolUpdate extends Command {
  @Mixin private final NamedOptions named = new NamedOptions();
  @Mixin private final PoolOptions options = new PoolOptions();

  public PoolUpdate(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() throws IOException {
    var change = new PoolChange(options);
    change.validate();
    String group = group(named.group());
    String id = connection().ids().pool(group, named.name());
    Arm arm = connection().arm();
    JsonNode body = change.body(shell(), connection().ids(), group, arm.get(id));
    print(arm.patch(id, body, options.noWait.waiting(named.name())));
  }

  @Override
  protected String tableColumns() {
    return Tables.ONE;
  }
}
