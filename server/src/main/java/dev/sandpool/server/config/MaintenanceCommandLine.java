package dev.sandpool.server.config;

import static dev.sandpool.server.config.Arguments.value;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The command lines of {@code sandpool backup}, {@code restore} and {@code rotate-key}. */
public final class MaintenanceCommandLine {
  private static final String HELP =
      """
      Usage: sandpool backup FILE [--data-dir DIR]
             sandpool restore FILE [--data-dir DIR]
             sandpool rotate-key [--data-dir DIR]

      backup writes the ledger as it is at this moment to FILE, which must not be there yet; a
      server may run meanwhile. Secrets are in it sealed by the data key, which is not in it.
      restore puts such a file in the ledger's place. No server may run. What was ready then is
      destroyed at the next start, since it may have been given to somebody after the backup.
      rotate-key makes a new data key and seals everything anew with it. No server may run. Cut
      short, it is to be run again. Where SANDPOOL_DATA_KEY names the key, SANDPOOL_NEW_DATA_KEY
      names the new one. Backups from before it need the old key.

        --data-dir DIR  the server's data directory (/var/lib/sandpool for root)
        --help          this text

      Exit codes: 0 done, 1 failed, 2 misuse.

      Examples:
        sandpool backup /var/backups/sandpool-$(date +%F).db
        sandpool restore /var/backups/sandpool-2026-11-22.db
        sandpool rotate-key --data-dir /var/lib/sandpool
      """;

  private MaintenanceCommandLine() {}

  /** What the arguments ask for. */
  public sealed interface Parsed {
    /** Copy the ledger to that file. */
    record Backup(Path dataDirectory, Path to) implements Parsed {}

    /** Put that file in the ledger's place. */
    record Restore(Path dataDirectory, Path from) implements Parsed {}

    /** Change the data key. */
    record RotateKey(Path dataDirectory) implements Parsed {}

    /** Print this on standard output and end with 0. */
    record Help(String text) implements Parsed {}

    /** Print this one line on standard error and end with {@link CommandLine#MISUSE}. */
    record Misuse(String line) implements Parsed {}
  }

  /**
   * Reads the arguments.
   *
   * @param arguments the first is the command
   */
  public static Parsed parse(List<String> arguments) {
    String command = arguments.isEmpty() ? "" : arguments.getFirst();
    try {
      return read(command, new ArrayList<>(arguments.subList(1, arguments.size())));
    } catch (Arguments.Wrong e) {
      return new Parsed.Misuse(
          "sandpool " + command + ": " + e.getMessage() + "; see sandpool " + command + " --help");
    }
  }

  private static Parsed read(String command, List<String> rest) {
    if (rest.contains("--help")) {
      return new Parsed.Help(HELP);
    }
    boolean wantsFile = !command.equals("rotate-key");
    String file = "";
    if (wantsFile) {
      if (rest.isEmpty() || rest.getFirst().startsWith("--")) {
        throw new Arguments.Wrong("the FILE is missing");
      }
      file = rest.removeFirst();
    }
    Map<String, String> given = Arguments.collect(rest, Set.of("--data-dir"), Set.of());
    Path directory =
        value(given, "--data-dir", "a path", Path::of)
            .orElseGet(CommandLineOptions::defaultDataDirectory)
            .toAbsolutePath()
            .normalize();
    return switch (command) {
      case "backup" -> new Parsed.Backup(directory, path(file));
      case "restore" -> new Parsed.Restore(directory, path(file));
      case "rotate-key" -> new Parsed.RotateKey(directory);
      default -> throw new Arguments.Wrong("there is no such command");
    };
  }

  private static Path path(String text) {
    try {
      return Path.of(text).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw new Arguments.Wrong("'" + text + "' is not a path");
    }
  }
}
