package dev.sandpool.cli.command;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.rest.Arm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code sandpool logs}: what is stored of what a pool's sandboxes wrote and what became of them.
 */
@CommandLine.Command(
    name = "logs",
    description = {
      "Shows what the sandboxes of a pool wrote, and what became of them and of the pool,",
      "as it is stored: also of those that are gone. With --identifier and none of --since,",
      "--stream, --type and --json: what the session's sandbox has captured since its start."
    },
    footer = {
      "",
      "Examples",
      "  sandpool logs --name my-session-pool -g my-group --identifier user-1",
      "  sandpool logs --name my-session-pool -g my-group --identifier user-1 --follow",
      "  sandpool logs --name my-session-pool -g my-group --since 10m --stream stderr",
      "  sandpool logs --name my-session-pool -g my-group --type lifecycle --json",
    })
public final class LogsCommand extends Command {
  private static final int COLOURS = 6;
  private static final int FIRST_COLOUR = 31;

  @Mixin private final NamedOptions pool = new NamedOptions();

  @Option(
      names = {"-i", "--identifier"},
      paramLabel = "ID",
      description = "Of this session alone.",
      order = 3)
  private @Nullable String identifier;

  @Option(
      names = {"-f", "--follow"},
      description = "Goes on; the console of a session until that ends.",
      order = 4)
  private boolean follow;

  @Option(
      names = "--since",
      paramLabel = "SPAN|TIME",
      description = "Not older than 30s, 10m, 2h, 7d, or a time such as 2026-01-31T12:00:00Z.",
      order = 5)
  private @Nullable String since;

  @Option(
      names = "--stream",
      paramLabel = "stdout|stderr",
      completionCandidates = Streams.class,
      description = "Of one stream.",
      order = 6)
  private @Nullable String stream;

  @Option(
      names = "--type",
      paramLabel = "console|lifecycle|pool",
      completionCandidates = Types.class,
      description = "What sandboxes wrote, what became of them, or of the pool. Default: console.",
      order = 7)
  private String type = "console";

  @Option(
      names = "--timestamps",
      description = "Shows time, sandbox and stream before each line.",
      order = 8)
  private boolean timestamps;

  @Option(names = "--json", description = "Shows rows as they are stored, for programs.", order = 9)
  private boolean json;

  /** What {@code --stream} takes. */
  static final class Streams extends java.util.ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Streams() {
      super(List.of("stdout", "stderr"));
    }
  }

  /** What {@code --type} takes. */
  static final class Types extends java.util.ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Types() {
      super(List.of("console", "lifecycle", "pool"));
    }
  }

  public LogsCommand(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() throws IOException {
    String id = connection().ids().pool(group(pool.group()), pool.name());
    boolean plain = since == null && stream == null && type.equals("console") && !json;
    if (identifier != null && plain) {
      String path = id + "/readConsole?api-version=" + Arm.API_VERSION + "&follow=" + follow;
      read(path, this::showCaptured);
    } else {
      read(id + "/readLogs?api-version=" + Arm.API_VERSION + query(), this::showStored);
    }
  }

  private String query() {
    var query = new StringBuilder("&type=" + type + "&follow=" + follow);
    if (stream != null) {
      query.append("&stream=").append(encoded(stream));
    }
    if (since != null) {
      query.append("&since=").append(encoded(time(since, Instant.now())));
    }
    return query.toString();
  }

  private void read(String path, Consumer<String> show) throws IOException {
    // In the body: an address ends up in the logs of whatever stands between.
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    if (identifier != null) {
      body.put("identifier", identifier);
    }
    try (var answer = connection().arm().stream(path, body);
        var lines =
            new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      @Nullable String line = lines.readLine();
      while (line != null && !shell().out().checkError()) {
        show.accept(line);
        line = lines.readLine();
      }
    }
  }

  static String time(String text, Instant now) {
    if (!text.matches("[0-9]{1,9}[smhd]")) {
      return text;
    }
    long amount = Long.parseLong(text.substring(0, text.length() - 1));
    Duration span =
        switch (text.charAt(text.length() - 1)) {
          case 's' -> Duration.ofSeconds(amount);
          case 'm' -> Duration.ofMinutes(amount);
          case 'h' -> Duration.ofHours(amount);
          case 'd' -> Duration.ofDays(amount);
          default -> throw Failure.usage("--since: '" + text + "' is no span of time");
        };
    return now.minus(span).toString();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** A line is {@code TIME STREAM F|P TEXT}; P is a piece whose rest is in a later line. */
  private void showCaptured(String line) {
    String[] parts = line.split(" ", 4);
    boolean whole = parts.length < 3 || !parts[2].equals("P");
    String text = timestamps || parts.length < 3 ? line : parts.length == 4 ? parts[3] : "";
    shell().out().print(shell().streams().terminalOut() ? harmless(text) : text);
    if (whole || timestamps) {
      shell().out().print('\n');
    }
    shell().out().flush();
  }

  private void showStored(String line) {
    if (json) {
      shell().out().println(line);
      return;
    }
    JsonNode row = dev.sandpool.model.Json.MAPPER.readTree(line);
    boolean terminal = shell().streams().terminalOut();
    String text = row.path("Log").asString("");
    String pod = row.path("PodName").asString("");
    String before = "";
    if (timestamps || !type.equals("console")) {
      String what =
          type.equals("console")
              ? row.path("Stream").asString("")
              : row.path("OperationName").asString("");
      before = "%s %s %s ".formatted(row.path("TimeGenerated").asString(""), pod, what);
    } else if (identifier == null) {
      before = pod + " ";
    }
    shell().out().print(terminal ? coloured(before, pod) + harmless(text) : before + text);
    shell().out().print('\n');
    shell().out().flush();
  }

  /** Lines of one sandbox look alike. */
  private static String coloured(String text, String pod) {
    int colour = FIRST_COLOUR + Math.floorMod(pod.hashCode(), COLOURS);
    return text.isEmpty()
        ? text
        : String.format(Locale.ROOT, "\u001b[%dm%s\u001b[0m", colour, harmless(text));
  }

  /** A sandbox's output must not steer the terminal of whoever reads it. */
  private static String harmless(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) && c != '\t' ? '\uFFFD' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
