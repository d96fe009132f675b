package dev.sandpool.server.config;

import static dev.sandpool.server.config.Arguments.value;

import dev.sandpool.model.InstanceId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The command line of {@code sandpool doctor}. */
public final class DoctorCommandLine {
  private static final Set<String> WITH_VALUE =
      Set.of("--config", "--data-dir", "--listen", "--management-listen", "--instance", "--output");
  private static final Set<String> FLAGS = Set.of("--fix", "--plain-http", "--help");

  private static final String HELP =
      """
      Usage: sandpool doctor [OPTION...]

      Checks whether this host can run sandboxes, and says for each thing: what is there, what
      follows from it, and what to do. No server needs to run; one that does is not disturbed.
      Some checks need root and say so. Exit code: 0 nothing failed, 1 something failed, 2 misuse.

        --config FILE                  the server's configuration
        --data-dir DIR                 the server's data directory (/var/lib/sandpool for root)
        --listen HOST:PORT             as for sandpool serve
        --management-listen HOST:PORT  as for sandpool serve
        --plain-http                   as for sandpool serve
        --fix                          mends what can be mended without harm: closes keys to
                                       other users, removes what a server of this data directory
                                       that does not run has left on the host
        --instance ID                  with --fix, also removes what is left of the server of that
                                       id (4 characters), whose data directory is gone for good;
                                       refused while any process belongs to it
        --output table|json            table; docs/operations.md has the shape of json
        --help                         this text

      Examples:
        sandpool doctor
        sandpool doctor --config /etc/sandpool/sandpool.yaml --output json
        sandpool doctor --data-dir /var/lib/sandpool --fix
      """;

  private DoctorCommandLine() {}

  /** What the arguments ask for. */
  public sealed interface Parsed {
    /**
     * Examine the host so.
     *
     * @param server what the server would be told
     * @param abandoned a server whose data directory is gone
     */
    record Run(CommandLineOptions server, boolean fix, Optional<InstanceId> abandoned, boolean json)
        implements Parsed {}

    /** Print this on standard output and end with 0. */
    record Help(String text) implements Parsed {}

    /** Print this one line on standard error and end with {@link CommandLine#MISUSE}. */
    record Misuse(String line) implements Parsed {}
  }

  /** Reads the arguments that follow {@code doctor}. */
  public static Parsed parse(List<String> arguments) {
    try {
      Map<String, String> given = Arguments.collect(arguments, WITH_VALUE, FLAGS);
      return given.containsKey("--help") ? new Parsed.Help(HELP) : run(given);
    } catch (Arguments.Wrong e) {
      return new Parsed.Misuse(
          "sandpool doctor: " + e.getMessage() + "; see sandpool doctor --help");
    }
  }

  private static Parsed run(Map<String, String> given) {
    boolean fix = given.containsKey("--fix");
    Optional<InstanceId> abandoned =
        value(given, "--instance", "4 characters of a-z2-7", InstanceId::new);
    if (abandoned.isPresent() && !fix) {
      throw new Arguments.Wrong("option --instance goes with --fix");
    }
    return new Parsed.Run(
        CommandLine.options(given),
        fix,
        abandoned,
        value(given, "--output", "table or json", DoctorCommandLine::json).orElse(false));
  }

  private static boolean json(String text) {
    return switch (text) {
      case "json" -> true;
      case "table" -> false;
      default -> throw new IllegalArgumentException();
    };
  }
}
