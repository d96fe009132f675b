package dev.sandpool.cli.pool;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.NamedOptions;
import dev.sandpool.cli.rest.Arm;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code sandpool sessionpool settings update}. */
@CommandLine.Command(
    name = "update",
    description = "Changes a pool's settings; what is not named stays. 'default' takes one back.",
    footer = {
      "",
      "Examples",
      "  sandpool sessionpool settings update -n my-session-pool -g my-group --isolation gvisor",
      "  sandpool sessionpool settings update -n my-session-pool -g my-group \\",
      "      --idle-stream-seconds 600 --session-operations true",
    })
public final class SettingsUpdate extends Command {
  private static final String DEFAULT = "default";

  @Mixin private final NamedOptions named = new NamedOptions();

  @Option(
      names = "--isolation",
      paramLabel = "LABEL",
      completionCandidates = Choices.Isolations.class,
      description = {
        "The least that must stand between a sandbox and the host:",
        "${COMPLETION-CANDIDATES}."
      },
      order = 10)
  private @Nullable String isolation;

  @Option(
      names = "--idle-stream-seconds",
      paramLabel = "SECONDS",
      description = "How long an opened stream may move nothing, 1 to 86400, or default.",
      order = 11)
  private @Nullable String idleStream;

  @Option(
      names = "--session-operations",
      paramLabel = "TRUE|FALSE",
      completionCandidates = Choices.Truths.class,
      description = "Whether the server answers /session and /listSessions of the pool.",
      order = 12)
  private @Nullable String sessionOperations;

  @Option(
      names = "--ingress-protocol",
      paramLabel = "PROTOCOL",
      completionCandidates = Choices.IngressProtocols.class,
      description = "What sandboxes are spoken to in: ${COMPLETION-CANDIDATES}.",
      order = 13)
  private @Nullable String ingressProtocol;

  @Option(
      names = "--pings-keep-alive",
      paramLabel = "TRUE|FALSE",
      completionCandidates = Choices.Truths.class,
      description = "Whether WebSocket pings count as use of a session.",
      order = 14)
  private @Nullable String pingsKeepAlive;

  @Option(
      names = "--allocations-per-minute",
      paramLabel = "NUMBER",
      description = "New sessions for one principal, 1 to 1000000, or default.",
      order = 15)
  private @Nullable String allocations;

  @Option(
      names = "--requests-per-second",
      paramLabel = "NUMBER",
      description = "Requests for one identifier, 1 to 1000000, or default: any number.",
      order = 16)
  private @Nullable String requestRate;

  @Option(
      names = "--requests-in-flight",
      paramLabel = "NUMBER",
      description = "Requests of the pool at once, 1 to 1000000, or default: any number.",
      order = 17)
  private @Nullable String inFlight;

  @Option(
      names = "--connections",
      paramLabel = "NUMBER",
      description = "Connections of callers to the pool, 1 to 1000000, or default.",
      order = 18)
  private @Nullable String connections;

  @Option(
      names = "--browser-sandbox",
      paramLabel = "TRUE|FALSE",
      completionCandidates = Choices.Truths.class,
      description = "Whether browsers are told to run no script of answers by path.",
      order = 19)
  private @Nullable String browserSandbox;

  @Option(
      names = "--allowed-origins",
      paramLabel = "ORIGIN",
      arity = "1..*",
      description = "Web origins whose scripts may call the pool, *, or default: none.",
      order = 20)
  private @Nullable List<String> allowedOrigins;

  @Option(
      names = "--custom-domains",
      paramLabel = "HOST",
      arity = "1..*",
      description = "Hosts that are the pool's own, of those the server offers, or default: none.",
      order = 21)
  private @Nullable List<String> customDomains;

  @Option(
      names = "--snapshot-start",
      paramLabel = "TRUE|FALSE",
      completionCandidates = Choices.Truths.class,
      description = "Whether virtual machines may start as clones of one that was ready.",
      order = 22)
  private @Nullable String snapshotStart;

  public SettingsUpdate(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    ObjectNode body = body();
    String id = connection().ids().settings(group(named.group()), named.name());
    print(connection().arm().patch(id, body, new Arm.Waiting(true, named.name())));
  }

  private ObjectNode body() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ObjectNode properties = body.putObject("properties");
    String label = new Choices.Isolations().spelled("--isolation", isolation);
    if (label != null) {
      properties.put("isolation", label.equals(DEFAULT) ? null : label);
    }
    number(properties, "idleStreamSeconds", "--idle-stream-seconds", idleStream);
    truth(properties, "sessionOperations", "--session-operations", sessionOperations);
    String protocol = new Choices.IngressProtocols().spelled("--ingress-protocol", ingressProtocol);
    if (protocol != null) {
      properties.put("ingressProtocol", protocol.equals(DEFAULT) ? null : protocol);
    }
    truth(properties, "pingsKeepAlive", "--pings-keep-alive", pingsKeepAlive);
    number(properties, "allocationsPerMinute", "--allocations-per-minute", allocations);
    number(properties, "requestsPerSecond", "--requests-per-second", requestRate);
    number(properties, "requestsInFlight", "--requests-in-flight", inFlight);
    number(properties, "connections", "--connections", connections);
    truth(properties, "browserSandbox", "--browser-sandbox", browserSandbox);
    truth(properties, "snapshotStart", "--snapshot-start", snapshotStart);
    list(properties, "allowedOrigins", allowedOrigins);
    list(properties, "customDomains", customDomains);
    if (properties.isEmpty()) {
      throw Failure.usage(
          "one of the arguments --isolation --idle-stream-seconds --session-operations"
              + " --ingress-protocol --pings-keep-alive --allocations-per-minute"
              + " --requests-per-second --requests-in-flight --connections"
              + " --browser-sandbox --allowed-origins --custom-domains --snapshot-start"
              + " is required");
    }
    return body;
  }

  private static void truth(
      ObjectNode properties, String property, String option, @Nullable String typed) {
    String truth = new Choices.Truths().spelled(option, typed);
    if (truth != null) {
      properties.put(property, Boolean.parseBoolean(truth));
    }
  }

  private static void number(
      ObjectNode properties, String property, String option, @Nullable String typed) {
    if (typed == null) {
      return;
    }
    if (typed.equalsIgnoreCase(DEFAULT)) {
      properties.putNull(property);
    } else if (typed.matches("\\d{1,9}")) {
      properties.put(property, Integer.parseInt(typed));
    } else {
      throw Failure.usage(option + ": '" + typed + "' is not a number or 'default'");
    }
  }

  private static void list(ObjectNode properties, String property, @Nullable List<String> typed) {
    if (typed == null) {
      return;
    }
    if (typed.size() == 1 && typed.getFirst().equalsIgnoreCase(DEFAULT)) {
      properties.putNull(property);
    } else {
      ArrayNode values = properties.putArray(property);
      typed.forEach(values::add);
    }
  }

  @Override
  protected String tableColumns() {
    return SettingsShow.COLUMNS;
  }
}
