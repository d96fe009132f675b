package dev.sandpool.cli.environment;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.NamedOptions;
import dev.sandpool.cli.command.NoWaitOption;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code sandpool env update}. */
@CommandLine.Command(
    name = "update",
    description = "Changes an environment; what is not named stays.",
    footer = {"", "Examples", "  sandpool env update -n my-environment -g my-group --tags team=a"})
public final class EnvUpdate extends Command {
  @Mixin private final NamedOptions named = new NamedOptions();
  @Mixin private final EnvOptions options = new EnvOptions();
  @Mixin private final NoWaitOption noWait = new NoWaitOption();

  public EnvUpdate(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    options.validate();
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode properties = JsonNodeFactory.instance.objectNode();
    options.addTo(body, properties);
    if (!properties.isEmpty()) {
      body.set("properties", properties);
    }
    String id = connection().ids().environment(group(named.group()), named.name());
    print(connection().arm().patch(id, body, noWait.waiting(named.name())));
  }

  @Override
  protected String tableColumns() {
    return EnvList.COLUMNS;
  }
}
