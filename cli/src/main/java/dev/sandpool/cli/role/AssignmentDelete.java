package dev.sandpool.cli.role;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.rest.Arm;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code sandpool role assignment delete}. */
@CommandLine.Command(
    name = "delete",
    description = "Takes roles away; that holds at once.",
    footer = {
      "",
      "Examples",
      "  sandpool role assignment delete --ids \"$ASSIGNMENT_ID\"",
    })
public final class AssignmentDelete extends Command {
  @Option(
      names = "--ids",
      required = true,
      arity = "1..*",
      paramLabel = "ID",
      description = "The assignments, by id, as 'role assignment list' shows them.",
      order = 1)
  private List<String> ids = List.of();

  public AssignmentDelete(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    Arm arm = connection().arm();
    for (String id : ids) {
      if (!id.startsWith("/") || !id.contains("/roleAssignments/")) {
        throw Failure.usage("--ids: '" + id + "' is no id of a role assignment");
      }
    }
    for (String id : ids) {
      if (!arm.delete(id, new Arm.Waiting(false, id))) {
        shell().err().println("There was no role assignment '" + id + "'");
      }
    }
  }
}
