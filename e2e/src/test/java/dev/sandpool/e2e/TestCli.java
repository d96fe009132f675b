package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.cli.Cli;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Somebody who types commands; they run in this process, against a real server. */
public final class TestCli {
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  private final Map<String, String> environment;
  private final Path home;

  /** A user who is logged in as the server's administrator. */
  public TestCli(TestServer server) {
    this(server.home(), server.adminFile());
  }

  /** One who is logged in with that file. */
  public TestCli(Path home, Path adminFile) {
    this.home = home;
    this.environment =
        Map.of(
            "SANDPOOL_CONTEXT",
            adminFile.toString(),
            "XDG_CACHE_HOME",
            home.resolve("cache").toString());
  }

  /** What came of a command. */
  public record Outcome(int code, String out, String err) {}

  /** The variables with which the launcher, too, finds the server. */
  public Map<String, String> environment() {
    return environment;
  }

  /** Runs a command. */
  public Outcome run(List<String> words) {
    return run("", words);
  }

  /** Runs a command that reads something. */
  public Outcome run(String input, List<String> words) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var streams =
        new dev.sandpool.cli.Shell.Streams(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false,
            false,
            false);
    var shell =
        new dev.sandpool.cli.Shell(
            environment, home, streams, InstantSource.system(), Thread::sleep);
    int code = new Cli(shell).run(words.toArray(String[]::new));
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Types a line as it is in a document, {@code sandpool} first. */
  public Outcome type(String line) {
    List<String> words = words(line);
    return run(words.subList(1, words.size()));
  }

  /** Types a line that must succeed, and gives what it printed. */
  public String ok(String line) {
    Outcome outcome = type(line);
    assertThat(outcome.code()).as("%s: %s", line, outcome.err()).isZero();
    return outcome.out();
  }

  /** The words of a line as a shell parts them: double quotes and backslashes at line ends. */
  public static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    var matcher = WORD.matcher(line.replace("\\\n", " ").strip());
    while (matcher.find()) {
      words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
    return words;
  }
}
