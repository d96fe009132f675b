package dev.sandpool.cli.ad;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.rest.Arm;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** {@code sandpool ad sp delete}. */
@CommandLine.Command(
    name = "delete",
    description = "Deletes a service principal; its tokens end at once.",
    footer = {"", "Examples", "  sandpool ad sp delete --id 11111111-2222-3333-4444-555555555555"})
public final class PrincipalDelete extends Command {
  @Mixin private final IdOption which = new IdOption();

  public PrincipalDelete(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    if (!connection().arm().delete(Principal.path(which.id), new Arm.Waiting(false, which.id))) {
      throw Failure.usage("--id: there is no service principal '" + which.id + "'");
    }
  }
}
