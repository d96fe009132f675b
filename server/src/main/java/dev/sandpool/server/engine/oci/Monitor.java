package dev.sandpool.server.engine.oci;

import dev.sandpool.model.Json;
import dev.sandpool.server.linux.Command;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * conmon, which creates a sandbox with the runtime, outlives the server, keeps the console bounded
 * and writes down how it ended.
 */
final class Monitor {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** The host's usual 50 microseconds. */
  private static final String USUAL_SLACK = "0";

  /**
   * Nanoseconds by which a gVisor sandbox may be woken late: its kernel looks after itself every
   * 0.4 ms, also when nothing runs in it (decision 0022).
   */
  private static final String GVISOR_SLACK = "2000000";

  private final Path conmon;
  private final OciRuntime runtime;
  private final long consoleBytes;

  Monitor(Path conmon, OciRuntime runtime, long consoleBytes) {
    this.conmon = conmon;
    this.runtime = runtime;
    this.consoleBytes = consoleBytes;
  }

  /** The runtime refused to create the sandbox; the message is the runtime's own. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }

  /**
   * Creates the sandbox of a folder that holds {@code config.json}.
   *
   * @return its first process
   */
  long create(SandboxFolder folder) throws IOException, RefusedException {
    ProcessBuilder builder = Command.prepare(command(folder));
    builder.environment().put("_OCI_SYNCPIPE", "3");
    builder.directory(folder.path().toFile());
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    long began = System.nanoTime();
    var done = new CountDownLatch(1);
    Thread.ofVirtual().name("deadline").start(() -> killIfLate(done, folder.name()));
    // Only one line is read: conmon keeps the other end open as long as the sandbox lives. The
    // shell waits for the end of its input, because Java closes the pipe of a process that exits,
    // and with it a line that nobody has read yet.
    try (OutputStream release = process.getOutputStream();
        var reader =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = reader.readLine();
      if (line == null && System.nanoTime() - began >= DEADLINE.toNanos()) {
        // Else it would pass for a monitor that has fallen.
        throw new IOException(
            "creating the sandbox was not done after " + DEADLINE.toSeconds() + " s");
      }
      return parse(line);
    } finally {
      done.countDown();
    }
  }

  /**
   * Sets the timer slack, its {@code $0}, for all that it starts. Moves the pipe to where conmon
   * looks for it, and away from what conmon's children inherit.
   */
  private static final String SHELL =
      "echo \"$0\" >/proc/self/timerslack_ns; exec 3>&1 >/dev/null; \"$@\" </dev/null; exec 3>&-; read end";

  private String timerSlack() {
    return runtime.gvisor() ? GVISOR_SLACK : USUAL_SLACK;
  }

  private List<String> command(SandboxFolder folder) {
    List<String> command =
        new ArrayList<>(List.of("/bin/sh", "-c", SHELL, timerSlack(), conmon.toString()));
    String name = folder.name();
    command.addAll(List.of("--cid", name, "--cuuid", name, "--name", name));
    command.addAll(List.of("--runtime", runtime.binary().toString()));
    for (String option : runtime.globalOptions(folder.runtimeRoot())) {
      command.addAll(List.of("--runtime-arg", option));
    }
    command.addAll(List.of("--bundle", folder.path().toString()));
    command.addAll(List.of("--container-pidfile", folder.processFile().toString()));
    command.addAll(List.of("--conmon-pidfile", folder.monitorFile().toString()));
    command.addAll(List.of("--exit-dir", String.valueOf(folder.exitFile().getParent())));
    command.addAll(List.of("--log-path", "k8s-file:" + folder.console()));
    command.addAll(List.of("--log-size-max", Long.toString(consoleBytes), "--full-attach"));
    return command;
  }

  private static long parse(@Nullable String line) throws IOException, RefusedException {
    if (line == null || line.isBlank()) {
      throw new IOException("the sandbox's monitor (conmon) died while creating it");
    }
    JsonNode answer = Json.MAPPER.readTree(line);
    long pid = answer.path("pid").asLong(-1);
    if (pid <= 0) {
      throw new RefusedException(answer.path("message").asString("no reason given").strip());
    }
    return pid;
  }

  /**
   * The monitor's own process. conmon writes it down after a fork whose child goes on to create the
   * sandbox, so that on a busy host the sandbox can be there first.
   */
  static long awaitPid(Path file) throws IOException {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (!Files.exists(file)) {
      if (System.nanoTime() > deadline) {
        throw new IOException("conmon has not written " + file + " within " + DEADLINE);
      }
      LockSupport.parkNanos(1_000_000);
    }
    try {
      return Long.parseLong(Files.readString(file).strip());
    } catch (NumberFormatException e) {
      throw new IOException(file + " holds no process id", e);
    }
  }

  private static void killIfLate(CountDownLatch done, String name) {
    try {
      if (!done.await(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
        NamedProcesses.kill(Set.of(name));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      org.slf4j.LoggerFactory.getLogger(Monitor.class).warn("cannot kill a late start", e);
    }
  }
}
