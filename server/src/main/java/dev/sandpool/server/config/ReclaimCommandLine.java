package dev.sandpool.server.config;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** The command line of {@code sandpool reclaim}. */
public final class ReclaimCommandLine {
  private static final Set<String> WITH_VALUE = Set.of("--config", "--data-dir");
  private static final Set<String> FLAGS = Set.of("--help");

  private static final String HELP =
      """
      Usage: sandpool reclaim [--data-dir DIR] [--config FILE]

      Ends all sandboxes of a server that does not run, and frees what they take on this host.
      Sessions are lost; images, pools and settings stay. Refused while a part of the server runs.

        --data-dir DIR  the server's data directory (/var/lib/sandpool for root)
        --config FILE   the server's configuration
        --help          this text

      Exit codes: 0 nothing is left, 1 something is or a part of the server runs, 2 misuse.

      Examples:
        sandpool reclaim
        sandpool reclaim --data-dir /var/lib/sandpool --config /etc/sandpool/sandpool.yaml
      """;

  private ReclaimCommandLine() {}

  /** What the arguments ask for. */
  public sealed interface Parsed {
    /** Free what the sandboxes of that server take. */
    record Run(CommandLineOptions server) implements Parsed {}

    /** Print this on standard output and end with 0. */
    record Help(String text) implements Parsed {}

    /** Print this one line on standard error and end with {@link CommandLine#MISUSE}. */
    record Misuse(String line) implements Parsed {}
  }

  /** Reads the arguments that follow {@code reclaim}. */
  public static Parsed parse(List<String> arguments) {
    try {
      Map<String, String> given = Arguments.collect(arguments, WITH_VALUE, FLAGS);
      return given.containsKey("--help")
          ? new Parsed.Help(HELP)
          : new Parsed.Run(CommandLine.options(given));
    } catch (Arguments.Wrong e) {
      return new Parsed.Misuse(
          "sandpool reclaim: " + e.getMessage() + "; see sandpool reclaim --help");
    }
  }
}
