package dev.sandpool.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;

/** The process: real streams, real time, and the exit code. */
public final class Main {
  private Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) {
    int code = new Cli(surroundings()).run(args);
    System.exit(code);
  }

  static Shell surroundings() {
    // The launcher asks the shell which streams are terminals: the JVM cannot tell for each alone.
    String terminals = System.getProperty("sandpool.terminals", "");
    var streams =
        new Shell.Streams(
            System.in,
            stream(FileDescriptor.out),
            stream(FileDescriptor.err),
            terminals.contains("0"),
            terminals.contains("1"),
            terminals.contains("2"));
    return new Shell(
        System.getenv(),
        Path.of(System.getProperty("user.home", "/")),
        streams,
        InstantSource.system(),
        Thread::sleep);
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }
}
