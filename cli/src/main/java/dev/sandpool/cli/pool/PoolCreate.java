package dev.sandpool.cli.pool;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.Defaults;
import dev.sandpool.cli.command.NamedOptions;
import dev.sandpool.cli.rest.Arm;
import dev.sandpool.cli.rest.Tokens;
import dev.sandpool.cli.role.RoleCalls;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code sandpool sessionpool create}. */
@CommandLine.Command(
    name = "create",
    description = "Creates a session pool, or replaces it.",
    footer = {
      "",
      "Examples",
      "  sandpool sessionpool create --name my-session-pool --resource-group my-group \\",
      "      --environment my-environment --image registry.example.com/agent:1.0 \\",
      "      --registry-server registry.example.com --registry-username me \\",
      "      --registry-password @password.txt --cpu 0.25 --memory 0.5Gi --target-port 80 \\",
      "      --cooldown-period 300 --network-status EgressDisabled --max-sessions 10 \\",
      "      --ready-sessions 5 --env-vars \"key1=value1\" \"key2=value2\" --location eastus",
      "  sandpool sessionpool create -n mypool -g my-group --environment my-environment \\",
      "      --image agent:1.0 --target-port 8080 --no-wait",
    })
public final class PoolCreate extends Command {
  private static final String EXECUTOR = "0fb8eba5-a2bb-4abe-b1c1-49dfad359bb0";

  @Mixin private final NamedOptions named = new NamedOptions();
  @Mixin private final PoolOptions options = new PoolOptions();

  @Option(
      names = {"-l", "--location"},
      paramLabel = "REGION",
      description = "Any name. Default: the environment's.",
      order = 13)
  private @Nullable String location;

  public PoolCreate(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() throws IOException {
    var pool = new NewPool(options, named.name());
    pool.validate();
    String group = group(named.group());
    Arm arm = connection().arm();
    String place = place();
    @Nullable String environmentId = null;
    if (pool.custom() && options.environment != null) {
      // Asked first, for a clear answer about a misspelled name, and for its place.
      JsonNode environment = arm.get(connection().ids().environment(group, options.environment));
      environmentId = environment.path("id").asString("");
      place = place.isEmpty() ? environment.path("location").asString("") : place;
    }
    var surroundings =
        new NewPool.Surroundings(shell(), connection().ids(), group, place, environmentId);
    JsonNode body = pool.body(surroundings);
    var waiting = options.noWait.waiting(named.name());
    String id = connection().ids().pool(group, named.name());
    JsonNode made = arm.put(id, body, waiting);
    letCreatorIn(arm, id);
    print(made);
  }

  /** As the contract's client does (1.7): who makes a pool is to use it, and is told if not. */
  private void letCreatorIn(Arm arm, String pool) {
    String creator = connection().tokens().token(Tokens.MANAGEMENT).objectId();
    if (creator == null) {
      return;
    }
    String role =
        "/subscriptions/" + connection().ids().subscription() + RoleCalls.DEFINITIONS + EXECUTOR;
    try {
      new RoleCalls(arm).assign(pool, role, creator, null);
    } catch (Failure e) {
      if (!e.text().contains("RoleAssignmentExists")) {
        shell()
            .err()
            .println(
                "WARNING: the role 'Azure ContainerApps Session Executor' at the pool was not"
                    + " given to you, and without it you cannot use its sessions: "
                    + e.getMessage());
      }
    }
  }

  private String place() {
    return location == null ? Defaults.of(shell()).get("location") : location;
  }

  @Override
  protected String tableColumns() {
    return Tables.ONE;
  }
}
