package dev.sandpool.server.linux;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a tool of the host that ends by itself, with a deadline. Nothing secret in it. */
public final class Command {
  /** The only environment that tools get; a server's own may hold secrets. */
  public static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final Logger LOG = LoggerFactory.getLogger(Command.class);

  private static final long LOOK_NANOS = 100_000_000;

  private static final Duration DEADLINE = Duration.ofSeconds(30);

  /**
   * In bytes; the longest that is of use, a list of the kernel's, has some hundreds for each
   * sandbox.
   */
  static final int MOST_OUTPUT = 16 << 20;

  private Command() {}

  /** A tool that was not done in time, and was killed. */
  public static final class LateException extends IOException {
    private static final long serialVersionUID = 1L;

    private LateException(List<String> command, Duration deadline) {
      super(command.getFirst() + " was not done after " + deadline);
    }
  }

  /** A tool that was killed because whoever ran it wanted no more of it. */
  public static final class StoppedException extends IOException {
    private static final long serialVersionUID = 1L;

    private StoppedException(List<String> command) {
      super(command.getFirst() + " was stopped");
    }
  }

  /**
   * How a run ended.
   *
   * @param output standard output and error together
   */
  public record Result(int exitCode, String output) {
    /** Whether it succeeded. */
    public boolean ok() {
      return exitCode == 0;
    }
  }

  /** Where a tool is, looked for where Debian and administrators put them. */
  public static Optional<Path> find(String name) {
    return Stream.of(PATH.split(":"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Runs a tool that leaves no children behind (its output is read to the end) on that input.
   *
   * @throws IOException if it cannot be started, or prints more than 16 MiB and is killed for that
   * @throws LateException if it is not done after 30 s
   */
  public static Result run(List<String> command, String input) throws IOException {
    return run(command, input, DEADLINE);
  }

  /** As {@link #run(List, String)} for a tool that may take longer. */
  public static Result run(List<String> command, String input, Duration deadline)
      throws IOException {
    return run(command, input, deadline, () -> false);
  }

  /**
   * As {@link #run(List, String, Duration)} for a tool that may do harm by going on.
   *
   * @param enough asked ten times a second: whether it is to be killed
   * @throws StoppedException if it was
   */
  public static Result run(
      List<String> command, String input, Duration deadline, BooleanSupplier enough)
      throws IOException {
    Process process = prepare(command).redirectErrorStream(true).start();
    var killed = new AtomicReference<@Nullable IOException>();
    Thread.ofVirtual()
        .name("deadline")
        .start(() -> killInTime(process, command, deadline, enough, killed));
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // A tool that fails early does not read on; its exit code and output say why.
      if (process.isAlive() && !(e.getMessage() + "").contains("Broken pipe")) {
        throw e;
      }
    }
    String output = "";
    try (InputStream out = process.getInputStream()) {
      byte[] read = out.readNBytes(MOST_OUTPUT);
      if (out.read() >= 0) {
        process.destroyForcibly();
        throw new IOException(
            command.getFirst() + " printed more than " + (MOST_OUTPUT >> 20) + " MiB");
      }
      output = new String(read, StandardCharsets.UTF_8);
    } catch (IOException e) {
      // What was killed has its output closed.
      if (killed.get() == null) {
        throw e;
      }
    }
    int exitCode = await(process, deadline, command);
    IOException why = killed.get();
    if (why != null) {
      // Else it would pass for one that has failed, with nothing to say about it.
      throw why;
    }
    return new Result(exitCode, output.strip());
  }

  /** As {@link #run}, where a failure is one. */
  public static String require(List<String> command, String input) throws IOException {
    Result result = run(command, input);
    if (!result.ok()) {
      throw new IOException(
          "%s failed (%d): %s"
              .formatted(String.join(" ", command), result.exitCode(), result.output()));
    }
    return result.output();
  }

  /** A builder with the tools' environment and no input. */
  public static ProcessBuilder prepare(List<String> command) {
    var builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().put("PATH", PATH);
    return builder;
  }

  /**
   * Waits for a process, and kills it at the deadline.
   *
   * @throws LateException if it was not done
   */
  public static int await(Process process, Duration deadline, List<String> command)
      throws IOException {
    try {
      if (process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
      throw new IOException("interrupted while running " + command.getFirst(), e);
    }
    process.destroyForcibly();
    throw new LateException(command, deadline);
  }

  private static void killInTime(
      Process process,
      List<String> command,
      Duration deadline,
      BooleanSupplier enough,
      AtomicReference<@Nullable IOException> killed) {
    long end = System.nanoTime() + deadline.toNanos();
    try {
      for (long left = deadline.toNanos(); left > 0; left = end - System.nanoTime()) {
        if (process.waitFor(Math.min(left, LOOK_NANOS), TimeUnit.NANOSECONDS)) {
          return;
        }
        if (enough.getAsBoolean()) {
          killed.set(new StoppedException(command));
          process.destroyForcibly();
          return;
        }
      }
      killed.set(new LateException(command, deadline));
    } catch (InterruptedException e) {
      LOG.debug("{} is killed: nobody waits for it", command.getFirst());
    }
    process.destroyForcibly();
  }
}
