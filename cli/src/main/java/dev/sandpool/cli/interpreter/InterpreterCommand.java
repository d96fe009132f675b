package dev.sandpool.cli.interpreter;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.IdentifierOption;
import dev.sandpool.cli.command.NamedOptions;
import dev.sandpool.cli.rest.Interpreter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A command on the code and files of one session. */
abstract class InterpreterCommand extends Command {
  @Mixin private final NamedOptions named = new NamedOptions();

  @Mixin private final IdentifierOption identifier = new IdentifierOption();

  @Option(
      names = "--session-pool-location",
      paramLabel = "REGION",
      description = "Saves asking for the pool's endpoint: it is built from the pool's name.",
      order = 9)
  private @Nullable String location;

  InterpreterCommand(Shell shell) {
    super(shell);
  }

  /** The session. */
  final Interpreter session() {
    String group = group(named.group());
    String endpoint =
        location == null
            ? connection().endpoint(group, named.name())
            : connection().endpointOf(group, named.name());
    return connection().interpreter(endpoint, identifier.value());
  }

  /** A sentence for a person, beside the answer. */
  final void say(String sentence) {
    shell().err().println(sentence);
  }
}
