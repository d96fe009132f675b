package dev.sandpool.cli.command;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.rest.Arm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code sandpool logs}: what a session's container wrote. */
@CommandLine.Command(
    name = "logs",
    description = "Shows what the container of a session wrote to its standard output and error.",
    footer = {
      "",
      "Examples",
      "  sandpool logs --name my-session-pool -g my-group --identifier user-1",
      "  sandpool logs --name my-session-pool -g my-group --identifier user-1 --follow",
    })
public final class LogsCommand extends Command {
  @Mixin private final NamedOptions pool = new NamedOptions();

  @Mixin private final IdentifierOption identifier = new IdentifierOption();

  @Option(
      names = {"-f", "--follow"},
      description = "Goes on until the session ends.",
      order = 4)
  private boolean follow;

  @Option(
      names = "--timestamps",
      description = "Shows time and stream before each line.",
      order = 5)
  private boolean timestamps;

  public LogsCommand(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() throws IOException {
    String id = connection().ids().pool(group(pool.group()), pool.name());
    String path = id + "/readConsole?api-version=" + Arm.API_VERSION + "&follow=" + follow;
    // In the body: an address ends up in the logs of whatever stands between.
    var body = JsonNodeFactory.instance.objectNode().put("identifier", identifier.value());
    try (var answer = connection().arm().stream(path, body);
        var lines =
            new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      @Nullable String line = lines.readLine();
      while (line != null && !shell().out().checkError()) {
        show(line);
        line = lines.readLine();
      }
    }
  }

  /** A line is {@code TIME STREAM F|P TEXT}; P is a piece whose rest is in a later line. */
  private void show(String line) {
    String[] parts = line.split(" ", 4);
    boolean whole = parts.length < 3 || !parts[2].equals("P");
    String text = timestamps || parts.length < 3 ? line : parts.length == 4 ? parts[3] : "";
    shell().out().print(shell().streams().terminalOut() ? harmless(text) : text);
    if (whole || timestamps) {
      shell().out().print('\n');
    }
    shell().out().flush();
  }

  /** A sandbox's output must not steer the terminal of whoever reads it. */
  private static String harmless(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) && c != '\t' ? '\uFFFD' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
