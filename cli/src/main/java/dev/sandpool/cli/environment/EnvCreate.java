package dev.sandpool.cli.environment;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.Defaults;
import dev.sandpool.cli.command.NamedOptions;
import dev.sandpool.cli.rest.Arm;
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

  @Option(
      names = {"-l", "--location"},
      paramLabel = "REGION",
      description = "Any name.",
      order = 3)
  private @Nullable String location;

  @Option(
      names = {"-w", "--enable-workload-profiles"},
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Session pools need it. Default: true.",
      order = 4)
  private boolean workloadProfiles = true;

  @Option(
      names = "--logs-destination",
      paramLabel = "DESTINATION",
      description = "none (default), log-analytics or azure-monitor.",
      order = 5)
  private @Nullable String logsDestination;

  @Option(
      names = "--no-wait",
      description = "Does not wait for the end of the operation.",
      order = 50)
  private boolean noWait;

  public EnvCreate(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    String group = group(named.group());
    String place = location == null ? Defaults.of(shell()).get("location") : location;
    if (place.isEmpty()) {
      throw Failure.usage("the following arguments are required: --location/-l");
    }
    String id = connection().ids().environment(group, named.name());
    var waiting = new Arm.Waiting(!noWait, named.name());
    print(connection().arm().put(id, body(place), waiting));
  }

  private ObjectNode body(String place) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("location", place);
    ObjectNode properties = body.putObject("properties");
    if (logsDestination != null && !logsDestination.equals("none")) {
      properties.putObject("appLogsConfiguration").put("destination", logsDestination);
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
