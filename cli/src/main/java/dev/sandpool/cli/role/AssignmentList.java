package dev.sandpool.cli.role;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.rest.Context;
import dev.sandpool.cli.rest.Ids;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sandpool role assignment list}. */
@CommandLine.Command(
    name = "list",
    description = "Lists who has which role at a scope, above it and below it.",
    footer = {
      "",
      "Examples",
      "  sandpool role assignment list --output table",
      "  sandpool role assignment list --assignee APP_ID --scope /",
    })
public final class AssignmentList extends Command {
  static final String COLUMNS =
      "{Principal: properties.principalId, Role: properties.roleDefinitionId,"
          + " Scope: properties.scope, Id: id}";

  @Mixin private final AssigneeOptions who = new AssigneeOptions();

  @Option(
      names = "--scope",
      paramLabel = "ID",
      description = "A subscription, resource group or resource. Default: the subscription.",
      order = 3)
  private @Nullable String scope;

  public AssignmentList(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    var calls = new RoleCalls(connection().arm());
    String principal = who.find(calls);
    String at = scope;
    if (at == null) {
      at = "/subscriptions/" + Ids.segment(subscription(Context.find(shell())));
    }
    String path = RoleCalls.assignments(at);
    if (principal != null) {
      String filter = "principalId eq '" + principal.replace("'", "''") + "'";
      path += "?$filter=" + URLEncoder.encode(filter, StandardCharsets.UTF_8).replace("+", "%20");
    }
    print(connection().arm().list(path));
  }

  @Override
  protected String tableColumns() {
    return "[]." + COLUMNS;
  }
}
