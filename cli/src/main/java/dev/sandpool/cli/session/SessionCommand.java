package dev.sandpool.cli.session;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.NamedOptions;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** A command on the sessions of a pool. */
abstract sealed class SessionCommand extends Command permits SessionList, SessionShow, SessionStop {
  @Mixin private final NamedOptions named = new NamedOptions();

  SessionCommand(Shell shell) {
    super(shell);
  }

  /**
   * The pool.
   *
   * @throws Failure if sessions of its kind cannot be reached this way
   */
  final JsonNode pool() {
    String group = group(named.group());
    JsonNode pool = connection().arm().get(connection().ids().pool(group, named.name()));
    String type = pool.path("properties").path("containerType").asString("CustomContainer");
    if (this instanceof SessionStop && !type.equalsIgnoreCase("CustomContainer")) {
      throw Failure.usage(
          "Stop session operation is only supported for session pools with type"
              + " 'CustomContainer'.");
    }
    return pool;
  }
}
