package dev.sandpool.e2e;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program for a test. */
public final class Shell {
  private Shell() {}

  /**
   * Runs it to its end and gives what it printed.
   *
   * @throws IOException with its output if it fails
   */
  public static String run(Path directory, String... command)
      throws IOException, InterruptedException {
    return runWithInput(directory, "", command);
  }

  /** The same with something to read. */
  public static String runWithInput(Path directory, String input, String... command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    try {
      try (OutputStream out = process.getOutputStream()) {
        out.write(input.getBytes(StandardCharsets.UTF_8));
      }
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
        throw new IOException(String.join(" ", command) + " failed: " + output);
      }
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  /** One command of several parts. */
  public static String[] join(String[]... parts) {
    List<String> all = new ArrayList<>();
    Arrays.stream(parts).forEach(part -> Collections.addAll(all, part));
    return all.toArray(String[]::new);
  }
}
