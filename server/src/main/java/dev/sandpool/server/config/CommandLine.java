package dev.sandpool.server.config;

import static dev.sandpool.server.config.Arguments.value;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The command line of {@code sandpool serve}: options as {@code --name value} or {@code
 * --name=value}.
 */
public final class CommandLine {
  /** The exit code of a misuse. */
  public static final int MISUSE = 2;

  private static final Set<String> WITH_VALUE =
      Set.of("--config", "--data-dir", "--listen", "--management-listen", "--sandboxes");
  private static final Set<String> FLAGS = Set.of("--dev", "--plain-http", "--help");

  private static final String HELP =
      """
      Usage: sandpool serve [OPTION...]

      Starts the server in the foreground. It prints "ready http://HOST:PORT" once it serves;
      SIGTERM ends it after requests in flight are done.

        --config FILE                  YAML configuration (docs/configuration.md has every key)
        --data-dir DIR                 where everything durable is; made if it is not there
                                       (/var/lib/sandpool for root)
        --listen HOST:PORT             address of the data plane (127.0.0.1:7070); port 0: any free
        --management-listen HOST:PORT  address of management and tokens (the same on loopback)
        --dev                          for development, loopback only: a fixed token is accepted
                                       and minima of limits are lowered
        --plain-http                   listens without TLS also where other machines can reach it
        --sandboxes keep|stop          what becomes of sandboxes when the server ends (keep)
        --help                         this text

      Examples:
        sandpool serve
        sandpool serve --dev --data-dir ./data --listen 127.0.0.1:0
        sandpool serve --config /etc/sandpool/sandpool.yaml --sandboxes stop
      """;

  private CommandLine() {}

  /** What the arguments ask for. */
  public sealed interface Parsed {
    /** Start the server so. */
    record Run(CommandLineOptions options) implements Parsed {}

    /** Print this on standard output and end with 0. */
    record Help(String text) implements Parsed {}

    /** Print this one line on standard error and end with {@link CommandLine#MISUSE}. */
    record Misuse(String line) implements Parsed {}
  }

  /** Reads the arguments that follow {@code serve}. */
  public static Parsed parse(List<String> arguments) {
    try {
      Map<String, String> given = Arguments.collect(arguments, WITH_VALUE, FLAGS);
      return given.containsKey("--help") ? new Parsed.Help(HELP) : new Parsed.Run(options(given));
    } catch (Arguments.Wrong e) {
      return new Parsed.Misuse("sandpool serve: " + e.getMessage() + "; see sandpool serve --help");
    }
  }

  /** What is given of the options that say how a server is to be. */
  static CommandLineOptions options(Map<String, String> given) {
    return new CommandLineOptions(
        value(given, "--config", "a path", Path::of),
        value(given, "--data-dir", "a path", text -> Path.of(text).toAbsolutePath().normalize()),
        value(given, "--listen", "HOST:PORT", ListenAddress::parse),
        value(given, "--management-listen", "HOST:PORT", ListenAddress::parse),
        given.containsKey("--dev"),
        given.containsKey("--plain-http"),
        value(given, "--sandboxes", "keep or stop", CommandLine::atExit)
            .orElse(ServerConfig.AtExit.KEEP));
  }

  private static ServerConfig.AtExit atExit(String text) {
    return switch (text) {
      case "keep" -> ServerConfig.AtExit.KEEP;
      case "stop" -> ServerConfig.AtExit.STOP;
      default -> throw new IllegalArgumentException();
    };
  }
}
