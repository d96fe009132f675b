package dev.sandpool.cli.session;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.IdentifierOption;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code sandpool session stop}. */
@CommandLine.Command(
    name = "stop",
    description = "Ends a session; its sandbox is destroyed.",
    footer = {
      "",
      "Examples",
      "  sandpool session stop -n my-session-pool -g my-group --identifier user-1"
    })
public final class SessionStop extends SessionCommand {
  @Mixin private final IdentifierOption identifier = new IdentifierOption();

  public SessionStop(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    JsonNode pool = pool();
    String type = pool.path("properties").path("containerType").asString("CustomContainer");
    if (!type.equalsIgnoreCase("CustomContainer")) {
      throw Failure.usage(
          "Stop session operation is only supported for session pools with type"
              + " 'CustomContainer'.");
    }
    String said = connection().sessions(pool).stop(identifier.value());
    print(JsonNodeFactory.instance.stringNode(said));
  }
}
