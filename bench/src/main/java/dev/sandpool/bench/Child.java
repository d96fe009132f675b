package dev.sandpool.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A process of the run that lives until it is closed: asked to end, then killed. */
final class Child implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String name;
  private final Process process;
  private final Path output;
  private final Path log;

  private Child(String name, Process process, Path output, Path log) {
    this.name = name;
    this.process = process;
    this.output = output;
    this.log = log;
  }

  /**
   * Starts it.
   *
   * @param folder gets its output, {@code NAME.out} and {@code NAME.log}
   */
  static Child start(String name, Path folder, List<String> command) throws IOException {
    Path output = folder.resolve(name + ".out");
    Path log = folder.resolve(name + ".log");
    Process process =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(output.toFile())
            .redirectError(log.toFile())
            .start();
    return new Child(name, process, output, log);
  }

  /** What follows {@code prefix} in its output, once it is there. */
  String await(String prefix, Duration atMost) throws IOException {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (true) {
      Optional<String> line =
          Files.readAllLines(output).stream().filter(text -> text.startsWith(prefix)).findFirst();
      if (line.isPresent()) {
        return line.get().substring(prefix.length()).strip();
      }
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IOException("the " + name + " did not come up:\n" + lastLines());
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  /** Returns when something listens on a loopback port. */
  void awaitPort(int port) throws IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!Ports.open(port)) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IOException("the " + name + " did not come up:\n" + lastLines());
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  private String lastLines() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
  }

  long pid() {
    return process.pid();
  }

  /** It and all that it has started. */
  long[] family() {
    return java.util.stream.LongStream.concat(
            java.util.stream.LongStream.of(pid()),
            process.descendants().mapToLong(ProcessHandle::pid))
        .toArray();
  }

  @Override
  public void close() throws IOException {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroy();
    try {
      if (process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    descendants.forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    throw new IOException("it did not end when asked and was killed");
  }

  @Override
  public String toString() {
    return name;
  }

  /** Runs a program that ends by itself; its standard output, stripped. */
  static String run(Map<String, String> environment, List<String> command) throws IOException {
    var builder = new ProcessBuilder(command).redirectInput(new File("/dev/null"));
    builder.environment().putAll(environment);
    Path errors = Files.createTempFile("sandpool-bench", ".err");
    try {
      Process process = builder.redirectError(errors.toFile()).start();
      String text;
      try (var stream = process.getInputStream()) {
        text = new String(stream.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      }
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException(
            command.getFirst() + " ended with " + code + ": " + text + Files.readString(errors));
      }
      return text.strip();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      Files.delete(errors);
    }
  }
}
