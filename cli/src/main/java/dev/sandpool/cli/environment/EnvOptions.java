package dev.sandpool.cli.environment;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.command.TagsOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** What {@code create} and {@code update} have in common. */
final class EnvOptions {
  @Option(
      names = "--logs-destination",
      paramLabel = "DESTINATION",
      completionCandidates = Destinations.class,
      description = "${COMPLETION-CANDIDATES}. Default: none.",
      order = 10)
  @Nullable String logsDestination;

  @Option(
      names = "--logs-workspace-id",
      paramLabel = "ID",
      description = "The workspace that logs go to; stored.",
      order = 11)
  @Nullable String workspaceId;

  @Option(
      names = "--logs-workspace-key",
      paramLabel = "KEY",
      description = "The workspace's key; not kept.",
      order = 12)
  @Nullable String workspaceKey;

  @Mixin TagsOption tags = new TagsOption();

  /** Where logs may go. */
  static final class Destinations extends java.util.ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Destinations() {
      super(List.of("none", "log-analytics", "azure-monitor"));
    }
  }

  void validate() {
    if (logsDestination != null && !new Destinations().contains(logsDestination)) {
      throw Failure.usage(
          "--logs-destination: '"
              + logsDestination
              + "' is not one of "
              + String.join(", ", new Destinations()));
    }
  }

  /** Adds what was typed. */
  void addTo(ObjectNode body, ObjectNode properties) {
    tags.addTo(body);
    boolean workspace = workspaceId != null || workspaceKey != null;
    String destination = logsDestination == null && workspace ? "log-analytics" : logsDestination;
    if (destination == null) {
      return;
    }
    ObjectNode logs = properties.putObject("appLogsConfiguration");
    logs.put("destination", destination.equals("none") ? null : destination);
    if (workspace) {
      ObjectNode analytics = logs.putObject("logAnalyticsConfiguration");
      analytics.put("customerId", workspaceId).put("sharedKey", workspaceKey);
    }
  }
}
