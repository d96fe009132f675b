package dev.sandpool.cli.command;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.rest.Ids;
import java.io.IOException;
import picocli.CommandLine.Mixin;

/** A command that deletes one resource by name, after asking. */
public abstract class DeleteCommand extends Command {
  @Mixin private final NamedOptions named = new NamedOptions();
  @Mixin private final Confirmation confirmation = new Confirmation();
  @Mixin private final NoWaitOption noWait = new NoWaitOption();

  protected DeleteCommand(Shell shell) {
    super(shell);
  }

  /** The resource's id. */
  protected abstract String id(Ids ids, String group, String name);

  /** What people call such a resource. */
  protected abstract String noun();

  /** The contract's sentence for when it is gone. */
  protected abstract String deleted();

  @Override
  protected final void run() throws IOException {
    String group = group(named.group());
    confirmation.ask(prompting());
    String id = id(connection().ids(), group, named.name());
    boolean existed = connection().arm().delete(id, noWait.waiting(named.name()));
    if (!existed) {
      shell().err().println("There was no " + noun() + " '" + named.name() + "'");
    } else if (!noWait.given()) {
      shell().err().println(deleted());
    }
  }
}
