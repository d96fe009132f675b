package dev.sandpool.cli.identity;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.LocationOption;
import dev.sandpool.cli.command.NamedOptions;
import dev.sandpool.cli.rest.Arm;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code sandpool identity create}. */
@CommandLine.Command(
    name = "create",
    description = "Creates a user-assigned identity, which pools can be given.",
    footer = {
      "",
      "Examples",
      "  sandpool identity create -n my-identity -g my-group --location eastus",
    })
public final class IdentityCreate extends Command {
  @Mixin private final NamedOptions named = new NamedOptions();

  @Mixin private final LocationOption location = new LocationOption();

  @Option(
      names = "--tags",
      arity = "0..*",
      paramLabel = "KEY=VALUE",
      description = "Tags.",
      order = 4)
  private @Nullable Map<String, String> tags;

  public IdentityCreate(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    String group = group(named.group());
    String place = location.required(shell());
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("location", place);
    if (tags != null) {
      ObjectNode all = body.putObject("tags");
      tags.forEach(all::put);
    }
    String id = connection().ids().identity(group, named.name());
    print(Flat.of(connection().arm().put(id, body, new Arm.Waiting(true, named.name()))));
  }

  @Override
  protected String tableColumns() {
    return Flat.COLUMNS;
  }
}
