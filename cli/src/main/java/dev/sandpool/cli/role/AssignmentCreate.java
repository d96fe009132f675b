package dev.sandpool.cli.role;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sandpool role assignment create}. */
@CommandLine.Command(
    name = "create",
    description = "Gives somebody a role, at a scope and all that is below it.",
    footer = {
      "",
      "Examples",
      "  sandpool role assignment create --assignee APP_ID \\",
      "      --role \"Azure ContainerApps Session Executor\" \\",
      "      --scope /subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/my-group",
    })
public final class AssignmentCreate extends Command {
  @Mixin private final AssigneeOptions who = new AssigneeOptions();

  @Option(
      names = "--role",
      required = true,
      paramLabel = "ROLE",
      description = "A role's name, GUID or id.",
      order = 3)
  private String role = "";

  @Option(
      names = "--scope",
      required = true,
      paramLabel = "ID",
      description = "A subscription, resource group or resource, by its id; / is everything.",
      order = 4)
  private String scope = "";

  @Option(
      names = "--assignee-principal-type",
      paramLabel = "TYPE",
      description = "User, Group or ServicePrincipal.",
      order = 5)
  private @Nullable String type;

  public AssignmentCreate(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    var calls = new RoleCalls(connection().arm());
    String principal = who.find(calls);
    if (principal == null) {
      throw Failure.usage("--assignee or --assignee-object-id is required.");
    }
    print(calls.assign(scope, calls.definition(scope, role), principal, type));
  }

  @Override
  protected String tableColumns() {
    return "[@]." + AssignmentList.COLUMNS;
  }
}
