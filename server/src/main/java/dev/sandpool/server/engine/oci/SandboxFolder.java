package dev.sandpool.server.engine.oci;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.Json;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.IdentityDoor;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.linux.BoundedDisk;
import dev.sandpool.server.linux.ProcessId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Everything of one sandbox on disk, beneath one folder that is made first and removed last.
 *
 * @param name of all its kernel objects
 */
public record SandboxFolder(SandboxId id, String name, Path path, Path exitFile) {
  /**
   * Written before anything else of the sandbox exists.
   *
   * @param door where it may ask for tokens, or null
   */
  public record Plan(
      int slot, String imageDigest, String address, boolean egress, @Nullable IdentityDoor door) {}

  /**
   * Written when it runs.
   *
   * @param isolation behind which it was started: the engine may have another now
   */
  public record Started(
      ProcessId process, ProcessId monitor, String bootId, @Nullable Isolation isolation) {}

  Path rootfs() {
    return path.resolve("rootfs");
  }

  /** What it has written, and may. */
  public BoundedDisk disk() {
    return new BoundedDisk(path.resolve("disk"), path.resolve("written"));
  }

  Path runtimeRoot() {
    return path.resolve("runtime");
  }

  Path console() {
    return path.resolve("log");
  }

  /** The last of what it has written to its console, at most 2 KiB. */
  public String lastOutput() {
    return LastOutput.of(console());
  }

  /** Deletes what says how it ended, also what a monitor that was killed has half written. */
  void deleteExit() throws IOException {
    Files.deleteIfExists(exitFile);
    try (DirectoryStream<Path> halves =
        Files.newDirectoryStream(exitFile.resolveSibling(""), name + ".*")) {
      for (Path half : halves) {
        Files.deleteIfExists(half);
      }
    }
  }

  /** Whether that file of the folder is its console, or an older name of it. */
  boolean isOutput(Path file) {
    String name = file.getFileName().toString();
    return name.equals("log") || name.startsWith("log.");
  }

  /** Nobody is told of the end of what has not been started to the end. */
  void forgetStart() throws IOException {
    Files.deleteIfExists(path.resolve("started.json"));
  }

  Path processFile() {
    return path.resolve("process.pid");
  }

  Path monitorFile() {
    return path.resolve("monitor.pid");
  }

  boolean exists() {
    return Files.isDirectory(path);
  }

  void plan(Plan plan) throws IOException {
    write("sandbox.json", plan);
  }

  Optional<Plan> plan() {
    return read("sandbox.json", Plan.class);
  }

  void started(Started started) throws IOException {
    write("started.json", started);
  }

  /** How it was started, where it was to the end. */
  public Optional<Started> started() {
    return read("started.json", Started.class);
  }

  /** From now on its end is our doing and reported to nobody, also after a restart. */
  void markStopping() throws IOException {
    try {
      Files.writeString(path.resolve("stopping"), "");
    } catch (NoSuchFileException e) {
      // No folder: what is left of it has no end to report either.
      return;
    }
  }

  boolean stopping() {
    return Files.exists(path.resolve("stopping"));
  }

  /** The sandbox, if its first process lives and has been started to the end. */
  Optional<RunningSandbox> running(String bootId) {
    return started()
        .filter(started -> started.bootId().equals(bootId) && started.process().alive())
        .filter(started -> !Files.exists(exitFile))
        .flatMap(started -> plan().map(plan -> running(plan, started)));
  }

  private RunningSandbox running(Plan plan, Started started) {
    return new RunningSandbox(
        id, plan.slot(), plan.imageDigest(), plan.address(), plan.door(), started.isolation());
  }

  private void write(String file, Object value) throws IOException {
    Path temporary = path.resolve(file + ".tmp");
    Files.writeString(temporary, Json.MAPPER.writeValueAsString(value));
    Files.move(temporary, path.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  private <T> Optional<T> read(String file, Class<T> type) {
    try {
      return Optional.of(Json.MAPPER.readValue(Files.readString(path.resolve(file)), type));
    } catch (IOException | JacksonException e) {
      return Optional.empty();
    }
  }
}
