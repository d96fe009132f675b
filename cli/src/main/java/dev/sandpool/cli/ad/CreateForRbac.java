package dev.sandpool.cli.ad;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.rest.Arm;
import dev.sandpool.cli.role.RoleCalls;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code sandpool ad sp create-for-rbac}. */
@CommandLine.Command(
    name = "create-for-rbac",
    description = "Creates a service principal, and gives it a role if one is named.",
    footer = {
      "",
      "Examples",
      "  sandpool ad sp create-for-rbac --name my-app",
      "  sandpool ad sp create-for-rbac --name my-app --cert @certificate.pem \\",
      "      --role \"Azure ContainerApps Session Executor\" \\",
      "      --scopes /subscriptions/11111111-2222-3333-4444-555555555555",
    })
public final class CreateForRbac extends Command {
  @Option(
      names = {"-n", "--name", "--display-name"},
      required = true,
      paramLabel = "NAME",
      description = "What people call it.",
      order = 1)
  private String name = "";

  @Mixin private final CredentialOptions credential = new CredentialOptions();

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description = "A role's name or GUID; needs --scopes.",
      order = 20)
  private @Nullable String role;

  @Option(
      names = "--scopes",
      arity = "1..*",
      paramLabel = "SCOPE",
      description = "Where it has the role: ids of a subscription, resource group or pool.",
      order = 21)
  private @Nullable List<String> scopes;

  public CreateForRbac(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() throws IOException {
    if ((role == null) != (scopes == null)) {
      throw Failure.usage("--role and --scopes go together.");
    }
    Arm arm = connection().arm();
    var roles = new RoleCalls(arm);
    // Looked for first: a principal without the role that was meant would be left otherwise.
    List<String> definitions =
        role == null || scopes == null
            ? List.of()
            : scopes.stream().map(scope -> roles.definition(scope, role)).toList();
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("displayName", name);
    credential.addTo(body);
    JsonNode made = arm.post(Principal.ALL, body);
    for (int i = 0; scopes != null && i < scopes.size(); i++) {
      String principal = made.path("id").asString("");
      roles.assign(scopes.get(i), definitions.get(i), principal, "ServicePrincipal");
    }
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    for (String key : List.of("appId", "displayName", "password", "tenant")) {
      if (made.has(key)) {
        shown.set(key, made.path(key));
      }
    }
    print(shown);
  }
}
