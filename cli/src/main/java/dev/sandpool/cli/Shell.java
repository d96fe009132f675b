package dev.sandpool.cli;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/**
 * The surroundings of one invocation, so that a test can be one.
 *
 * @param environment the process's environment variables
 * @param home the user's home folder
 * @param streams where it reads and writes
 * @param clock wall time, for the expiry of tokens
 * @param pause how it waits between two polls
 */
public record Shell(
    Map<String, String> environment, Path home, Streams streams, InstantSource clock, Pause pause) {
  public Shell {
    environment = Map.copyOf(environment);
  }

  /** Standard input, output and error, and which of them are terminals. */
  public record Streams(
      InputStream in,
      PrintStream out,
      PrintStream err,
      boolean terminalIn,
      boolean terminalOut,
      boolean terminalErr) {}

  /** A wait. */
  @FunctionalInterface
  public interface Pause {
    /** Returns after so many milliseconds. */
    void forMillis(long millis) throws InterruptedException;
  }

  /** The same with an error stream that nobody sees. */
  public Shell silenced() {
    var nothing = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    var silent =
        new Streams(
            streams.in(),
            streams.out(),
            nothing,
            streams.terminalIn(),
            streams.terminalOut(),
            false);
    return new Shell(environment, home, silent, clock, pause);
  }

  public PrintStream out() {
    return streams.out();
  }

  public PrintStream err() {
    return streams.err();
  }

  /** The user's configuration folder, {@code ~/.config/sandpool} unless XDG says otherwise. */
  public Path configFolder() {
    return folder("XDG_CONFIG_HOME", ".config");
  }

  /** The user's cache folder, {@code ~/.cache/sandpool} unless XDG says otherwise. */
  public Path cacheFolder() {
    return folder("XDG_CACHE_HOME", ".cache");
  }

  private Path folder(String variable, String fallback) {
    String set = environment.getOrDefault(variable, "");
    return (set.isEmpty() ? home.resolve(fallback) : Path.of(set)).resolve("sandpool");
  }
}
