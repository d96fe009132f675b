package dev.sandpool.server.engine.oci;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsoleChunk;
import dev.sandpool.server.engine.ConsolePosition;
import dev.sandpool.server.engine.Consoles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;

/** One console in real files, written and replaced by the test in place of conmon. */
public final class FileConsoles implements Consoles {
  private static final String STAMP = "2026-11-22T00:00:00.000000000+00:00 ";

  private final SandboxId sandbox;
  private final Path folder;

  public FileConsoles(SandboxId sandbox, Path folder) throws IOException {
    this.sandbox = sandbox;
    this.folder = folder;
    Files.writeString(log(), "");
  }

  private Path log() {
    return folder.resolve("log");
  }

  /** A row of conmon's: a whole line, or its last piece where pieces of that stream came before. */
  public void line(String stream, String text) throws IOException {
    row(stream + " F " + text);
  }

  /** A piece of a line. */
  public void piece(String stream, String text) throws IOException {
    row(stream + " P " + text);
  }

  private void row(String text) throws IOException {
    Files.writeString(log(), STAMP + text + "\n", StandardOpenOption.APPEND);
  }

  /** The log is full; that takes longer than the kernel's clock for stamps stands still. */
  public void replace() throws IOException {
    Path fresh = folder.resolve("log.tmp");
    FileTime before = made(fresh);
    Awaitility.await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> made(fresh).compareTo(before) > 0);
    Files.move(fresh, log(), StandardCopyOption.ATOMIC_MOVE);
  }

  private static FileTime made(Path file) throws IOException {
    Files.deleteIfExists(file);
    Files.writeString(file, "");
    return Files.readAttributes(file, BasicFileAttributes.class).creationTime();
  }

  @Override
  public List<ConsoleChunk> read(List<ConsolePosition> positions, int maxBytes) throws IOException {
    List<ConsoleChunk> chunks = new ArrayList<>();
    for (ConsolePosition position : positions) {
      if (position.sandbox().equals(sandbox)) {
        new ConsoleFiles(sandbox, folder, false).after(position, maxBytes).ifPresent(chunks::add);
      }
    }
    return chunks;
  }

  @Override
  public Set<SandboxId> ended() {
    return Set.of();
  }

  @Override
  public void release(SandboxId gone) {
    throw new UnsupportedOperationException();
  }
}
