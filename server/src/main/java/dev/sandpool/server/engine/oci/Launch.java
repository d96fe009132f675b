package dev.sandpool.server.engine.oci;

import dev.sandpool.server.linux.Command;
import dev.sandpool.server.linux.ProcessId;
import dev.sandpool.server.linux.Syscalls;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.LockSupport;

/** Lets a created sandbox's first process run: the runtime's {@code start}. */
final class Launch {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final OciRuntime runtime;
  private final Path emptyFolder;

  /**
   * A way to start.
   *
   * @param emptyFolder is laid over what a runtime must not see
   */
  Launch(OciRuntime runtime, Path emptyFolder) {
    this.runtime = runtime;
    this.emptyFolder = emptyFolder;
  }

  /**
   * Starts what is created.
   *
   * @throws Monitor.RefusedException with the runtime's message
   */
  void start(SandboxFolder folder, long pid) throws IOException, Monitor.RefusedException {
    if (!runtime.gvisor()) {
      openGate(folder, pid);
      return;
    }
    List<String> command = new ArrayList<>(List.of(runtime.binary().toString()));
    command.addAll(runtime.globalOptions(folder.runtimeRoot()));
    command.addAll(List.of("start", folder.name()));
    File output = folder.path().resolve("start.log").toFile();
    Process process = spawn(command, output);
    if (Command.await(process, DEADLINE, command) != 0) {
      throw new Monitor.RefusedException(Files.readString(output.toPath()).strip());
    }
  }

  /**
   * What {@code runc start} does, without its process: a created container waits until somebody
   * reads its FIFO. Opened for both directions so that opening does not wait for a dead one.
   */
  private static void openGate(SandboxFolder folder, long pid)
      throws IOException, Monitor.RefusedException {
    Path gate = folder.runtimeRoot().resolve(folder.name()).resolve("exec.fifo");
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    try (var file = new RandomAccessFile(gate.toFile(), "rw");
        var in = new FileInputStream(file.getFD())) {
      while (in.available() == 0) {
        if (ProcessId.of(pid).isEmpty()) {
          throw new Monitor.RefusedException("the first process died before it was started");
        }
        if (System.nanoTime() > deadline) {
          throw new IOException("the first process does not start");
        }
        LockSupport.parkNanos(200_000);
      }
    }
    Files.delete(gate);
  }

  Process spawn(List<String> command, File output) throws IOException {
    ProcessBuilder builder =
        Command.prepare(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(output);
    return runtime.hideRmem() ? spawnHidden(builder) : builder.start();
  }

  /**
   * Starts a process that sees an empty /proc/sys/net: from a thread with a mount namespace of its
   * own, which ends with thread and process.
   */
  private Process spawnHidden(ProcessBuilder builder) throws IOException {
    BlockingQueue<Outcome> outcome = new ArrayBlockingQueue<>(1);
    Thread.ofPlatform()
        .name("hidden-start")
        .daemon()
        .start(
            () -> {
              try {
                Syscalls.unshare(Syscalls.CLONE_NEWNS);
                Syscalls.mount(
                    "none", Path.of("/"), null, Syscalls.MS_REC | Syscalls.MS_SLAVE, null);
                Syscalls.mount(
                    emptyFolder.toString(), Path.of("/proc/sys/net"), null, Syscalls.MS_BIND, null);
                outcome.add(new Spawned(builder.start()));
              } catch (IOException | RuntimeException e) {
                outcome.add(new Failed(e));
              }
            });
    try {
      return switch (outcome.take()) {
        case Spawned(Process process) -> process;
        case Failed(Exception cause) ->
            throw new IOException("cannot start the runtime: " + cause.getMessage(), cause);
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while starting the runtime", e);
    }
  }

  private sealed interface Outcome {}

  private record Spawned(Process process) implements Outcome {}

  private record Failed(Exception cause) implements Outcome {}
}
