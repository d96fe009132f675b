package dev.sandpool.cli.command;

import dev.sandpool.cli.Shell;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code sandpool usage}: who used how much, and what it costs. */
@CommandLine.Command(
    name = "usage",
    description = {
      "Shows what was used in the hours that begin in a span of time: of the whole server,",
      "or of one subscription, resource group or pool. Costs are shown where the server's",
      "configuration has prices."
    },
    footer = {
      "",
      "Examples",
      "  sandpool usage --output table",
      "  sandpool usage --by resource-group --from 2026-11-01 --to 2026-12-01 --output csv",
      "  sandpool usage --by tag --tag team --from 30d --output table",
      "  sandpool usage -g my-group --name my-session-pool --by day",
      "  sandpool usage -g my-group --name my-session-pool --by sandbox --from 24h -o table",
      "  sandpool usage --by pool,hour --from 24h --output csv > usage.csv",
    })
public final class UsageCommand extends Command {
  /** Headings of a table in place of what answers are made of. */
  private static final String AMOUNTS =
      "readyS: readySeconds, allocatedS: allocatedSeconds, vcpuS: vcpuSeconds, gibS: gibSeconds,"
          + " cpuUsedS: cpuSecondsUsed, gibUsedS: gibSecondsUsed, sessions: sessions,"
          + " sessionHours: sessionHours, requests: requests, bytesIn: bytesIn,"
          + " bytesOut: bytesOut";

  @Option(
      names = "--by",
      paramLabel = "KEY[,KEY...]",
      completionCandidates = Keys.class,
      description = "pool (default), sandbox, resource-group, subscription, tag, day or hour.",
      order = 1)
  private String by = "pool";

  @Option(
      names = "--tag",
      paramLabel = "NAME",
      description = "The tag by whose values --by tag adds up.",
      order = 2)
  private @Nullable String tag;

  @Option(
      names = "--from",
      paramLabel = "SPAN|TIME",
      description = "24h or 30d ago, a day, or a time (RFC 3339). Default: this month.",
      order = 3)
  private @Nullable String from;

  @Option(
      names = "--to",
      paramLabel = "SPAN|TIME",
      description = "The same, itself not included. Default: now.",
      order = 4)
  private @Nullable String to;

  @Option(
      names = {"-g", "--resource-group"},
      paramLabel = "GROUP",
      description = "Of this resource group alone.",
      order = 5)
  private @Nullable String group;

  @Option(
      names = {"-n", "--name"},
      paramLabel = "POOL",
      description = "Of this session pool alone.",
      order = 6)
  private @Nullable String name;

  private boolean priced;

  /** What {@code --by} takes. */
  static final class Keys extends java.util.ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Keys() {
      super(List.of("pool", "sandbox", "resource-group", "subscription", "tag", "day", "hour"));
    }
  }

  public UsageCommand(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    var path = new StringBuilder(scope() + "/providers/Sandpool.Server/usage?by=" + encoded(by));
    add(path, "tag", tag);
    Instant now = Instant.now();
    add(path, "from", from == null ? null : LogsCommand.time(from, now));
    add(path, "to", to == null ? null : LogsCommand.time(to, now));
    JsonNode answer = connection().arm().get(path.toString());
    priced = answer.has("currency");
    print(answer.path("value"));
  }

  @Override
  protected String tableColumns() {
    var columns = new StringJoiner(", ", "[].{", "}");
    for (String key : by.split(",", -1)) {
      switch (key) {
        case "resource-group" -> columns.add("resourceGroup: resourceGroup");
        case "pool" -> columns.add("resourceGroup: resourceGroup").add("pool: pool");
        case "sandbox" -> columns.add("pool: pool").add("sandbox: sandbox");
        default -> columns.add(key + ": " + key);
      }
    }
    columns.add(AMOUNTS);
    if (priced) {
      columns.add("cost: cost").add("currency: currency");
    }
    return columns.toString();
  }

  private String scope() {
    if (name != null) {
      return connection().ids().pool(group(group), name);
    }
    if (group != null) {
      return connection().ids().group(group);
    }
    return typedSubscription() == null ? "" : connection().ids().group("");
  }

  private static void add(StringBuilder path, String name, @Nullable String value) {
    if (value != null) {
      path.append('&').append(name).append('=').append(encoded(value));
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
