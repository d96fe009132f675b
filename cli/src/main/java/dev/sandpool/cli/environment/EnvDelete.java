package dev.sandpool.cli.environment;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.Confirmation;
import dev.sandpool.cli.command.NamedOptions;
import dev.sandpool.cli.rest.Arm;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sandpool env delete}. */
@CommandLine.Command(
    name = "delete",
    description = "Deletes an environment that has no pools.",
    footer = {"", "Examples", "  sandpool env delete -n my-environment -g my-group --yes"})
public final class EnvDelete extends Command {
  @Mixin private final NamedOptions named = new NamedOptions();
  @Mixin private final Confirmation confirmation = new Confirmation();

  @Option(
      names = "--no-wait",
      description = "Does not wait for the end of the operation.",
      order = 50)
  private boolean noWait;

  public EnvDelete(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() throws IOException {
    String group = group(named.group());
    confirmation.ask(shell());
    String id = connection().ids().environment(group, named.name());
    boolean existed = connection().arm().delete(id, new Arm.Waiting(!noWait, named.name()));
    if (!existed) {
      shell().err().println("There was no environment '" + named.name() + "'");
    } else if (!noWait) {
      shell().err().println("Containerapp environment successfully deleted");
    }
  }
}
