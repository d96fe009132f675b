package dev.sandpool.server.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Runs one program to its end; whatever happens, the program is dead when {@link #run} is over. */
final class ToolRunner {
  private static final int MAX_OUTPUT = 8 << 20;
  private static final Duration DEATH = Duration.ofSeconds(10);

  /** What reaches the program of our environment: no tokens or keys that lie around in it. */
  private static final Set<String> PASSED =
      Set.of(
          "PATH",
          "LANG",
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "NO_PROXY",
          "http_proxy",
          "https_proxy",
          "no_proxy",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR");

  /** How a program ended; its output is cut at 8 MiB. */
  static final class Result {
    private final int exitCode;
    private final byte[] output;
    private final String errors;

    private Result(int exitCode, byte[] output, byte[] errors) {
      this.exitCode = exitCode;
      this.output = output;
      this.errors = new String(errors, StandardCharsets.UTF_8).strip();
    }

    int exitCode() {
      return exitCode;
    }

    /** What it printed, byte for byte: digests are made of it. */
    byte[] output() {
      return output;
    }

    String errors() {
      return errors;
    }
  }

  /** The program did not end in time. */
  static final class DeadlineException extends IOException {
    private static final long serialVersionUID = 1L;

    DeadlineException(String program, Duration deadline) {
      super(program + " did not end within " + deadline.toSeconds() + " s");
    }
  }

  /**
   * Runs it in that directory, which is also its place for temporary files.
   *
   * @throws DeadlineException if it had to be killed
   * @throws InterruptedException if the caller was interrupted; the program is dead then
   */
  Result run(List<String> command, Path directory, Duration deadline)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().retainAll(PASSED);
    environment.put("TMPDIR", directory.toString());
    // The server's user may have no home, or be taken for another by what is inherited.
    environment.put("HOME", directory.toString());
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    Process process = builder.start();
    try {
      // Pipes, not files: on a full disk the reason would be lost with everything else.
      Reader output = new Reader(process.getInputStream());
      Reader errors = new Reader(process.getErrorStream());
      if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new DeadlineException(command.getFirst(), deadline);
      }
      return new Result(process.exitValue(), output.result(), errors.result());
    } finally {
      kill(process);
    }
  }

  private static void kill(Process process) {
    if (process.isAlive()) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      // Not interruptible: what it writes is deleted next, and would come back while it lives.
      process
          .onExit()
          .orTimeout(DEATH.toSeconds(), TimeUnit.SECONDS)
          .exceptionally(late -> process)
          .join();
    }
  }

  /** Takes a pipe's bytes as they come, so that the program never waits for us. */
  private static final class Reader {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Thread thread;

    Reader(InputStream from) {
      thread = Thread.ofVirtual().start(() -> read(from));
    }

    private void read(InputStream from) {
      byte[] block = new byte[16 << 10];
      try (from) {
        for (int n = from.read(block); n >= 0; n = from.read(block)) {
          bytes.write(block, 0, Math.min(n, MAX_OUTPUT - bytes.size()));
        }
      } catch (IOException closed) {
        // The program was killed; what came until then is kept.
        return;
      }
    }

    byte[] result() throws InterruptedException {
      thread.join(DEATH);
      return bytes.toByteArray();
    }
  }
}
