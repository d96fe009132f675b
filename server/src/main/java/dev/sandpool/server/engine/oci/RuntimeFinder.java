package dev.sandpool.server.engine.oci;

import dev.sandpool.server.linux.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the runtimes' programs and says why one will not do. */
public final class RuntimeFinder {
  /** Before it, {@code stat} and {@code ls} of current distributions fail inside. */
  private static final int OLDEST_RUNSC = 20240729;

  private static final Pattern DATE = Pattern.compile("(20\\d{6})");
  private static final Pattern RUNC = Pattern.compile("runc version (\\S+)");

  private RuntimeFinder() {}

  /**
   * A program and its version.
   *
   * @param startup how long it took to say its version
   */
  public record Found(Path binary, String version, Duration startup) {
    private static final Duration TRIAL = Duration.ofSeconds(8);

    /** Here a first sandbox takes six times as long as the version, in emulation twice. */
    private static final int MARGIN = 20;

    /** How long a trial may take before it counts as hanging: 8 s, on a slow host more. */
    Duration trial() {
      Duration slow = startup.multipliedBy(MARGIN);
      return slow.compareTo(TRIAL) > 0 ? slow : TRIAL;
    }
  }

  /**
   * gVisor's runtime.
   *
   * @param configured where it is; looked for in the usual folders where empty
   * @throws EngineUnavailableException also if it is too old
   */
  public static Found runsc(Optional<Path> configured) throws EngineUnavailableException {
    Path binary = program("runsc", configured, "gVisor's runsc");
    long before = System.nanoTime();
    String output = version(binary);
    Duration startup = Duration.ofNanos(System.nanoTime() - before);
    Matcher date = DATE.matcher(output);
    if (!date.find()) {
      throw new EngineUnavailableException(binary + " does not say its version: " + output);
    }
    if (Integer.parseInt(date.group(1)) < OLDEST_RUNSC) {
      throw new EngineUnavailableException(
          "%s is gVisor %s, in which ls and stat of current images fail; install %d or newer (one"
                  .formatted(binary, date.group(1), OLDEST_RUNSC)
              + " static program, in Debian 13's package runsc) and name it in engine.runsc");
    }
    return new Found(binary, date.group(1), startup);
  }

  /**
   * The plain runtime.
   *
   * @param configured where it is; looked for in the usual folders where empty
   */
  public static Found runc(Optional<Path> configured) throws EngineUnavailableException {
    Path binary = program("runc", configured, "runc");
    long before = System.nanoTime();
    Matcher version = RUNC.matcher(version(binary));
    Duration startup = Duration.ofNanos(System.nanoTime() - before);
    return new Found(binary, version.find() ? version.group(1) : "of unknown version", startup);
  }

  private static Path program(String name, Optional<Path> configured, String what)
      throws EngineUnavailableException {
    if (configured.isPresent() && !Files.isExecutable(configured.get())) {
      throw new EngineUnavailableException(
          configured.get() + ", configured as engine." + name + ", is not a program");
    }
    return configured
        .or(() -> Command.find(name))
        .orElseThrow(
            () ->
                new EngineUnavailableException(
                    what
                        + " is not installed; install the package "
                        + name
                        + " or name the program in engine."
                        + name));
  }

  private static String version(Path binary) throws EngineUnavailableException {
    try {
      return Command.require(List.of(binary.toString(), "--version"), "");
    } catch (IOException e) {
      throw new EngineUnavailableException(binary + " cannot be run: " + e.getMessage(), e);
    }
  }
}
