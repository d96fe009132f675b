package dev.sandpool.cli.environment;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.LocationOption;
import dev.sandpool.cli.command.NamedOptions;
import dev.sandpool.cli.command.NoWaitOption;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code sandpool env create}. */
@CommandLine.Command(
    name = "create",
    description = "Creates an environment, in which pools run.",
    footer = {
      "",
      "Examples",
      "  sandpool env create --name my-environment --resource-group my-group \\",
      "      --location eastus --enable-workload-profiles",
    })
public final class EnvCreate extends Command {
  @Mixin private final NamedOptions named = new NamedOptions();

  @Mixin private final LocationOption location = new LocationOption();

  @Option(
      names = {"-w", "--enable-workload-profiles"},
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Session pools need it. Default: true.",
      order = 4)
  private boolean workloadProfiles = true;

  @Option(
      names = {"-s", "--infrastructure-subnet-resource-id"},
      paramLabel = "ID",
      description = "Stored and shown, without effect.",
      order = 20)
  private @Nullable String subnet;

  @Option(
      names = "--internal-only",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Stored and shown, without effect.",
      order = 21)
  private @Nullable Boolean internalOnly;

  @Option(
      names = {"-z", "--zone-redundant"},
      description = "Stored and shown, without effect.",
      order = 22)
  private boolean zoneRedundant;

  @Mixin private final EnvOptions options = new EnvOptions();
  @Mixin private final NoWaitOption noWait = new NoWaitOption();

  public EnvCreate(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    options.validate();
    String group = group(named.group());
    String place = location.required(shell());
    String id = connection().ids().environment(group, named.name());
    print(connection().arm().put(id, body(place), noWait.waiting(named.name())));
  }

  private ObjectNode body(String place) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("location", place);
    ObjectNode properties = body.putObject("properties");
    options.addTo(body, properties);
    if (subnet != null || internalOnly != null) {
      properties
          .putObject("vnetConfiguration")
          .put("internal", internalOnly != null && internalOnly)
          .put("infrastructureSubnetId", subnet);
    }
    if (zoneRedundant) {
      properties.put("zoneRedundant", true);
    }
    if (workloadProfiles) {
      properties
          .putArray("workloadProfiles")
          .addObject()
          .put("name", "Consumption")
          .put("workloadProfileType", "Consumption");
    }
    return body;
  }

  @Override
  protected String tableColumns() {
    return EnvList.COLUMNS;
  }
}
