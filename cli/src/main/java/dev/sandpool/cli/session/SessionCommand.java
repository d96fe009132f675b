package dev.sandpool.cli.session;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.NamedOptions;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** A command on the sessions of a pool. */
abstract class SessionCommand extends Command {
  @Mixin private final NamedOptions named = new NamedOptions();

  SessionCommand(Shell shell) {
    super(shell);
  }

  /** The pool. */
  final JsonNode pool() {
    String group = group(named.group());
    return connection().arm().get(connection().ids().pool(group, named.name()));
  }
}
