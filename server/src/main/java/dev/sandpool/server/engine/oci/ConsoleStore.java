package dev.sandpool.server.engine.oci;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsoleChunk;
import dev.sandpool.server.engine.ConsolePosition;
import dev.sandpool.server.engine.Consoles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The consoles of one server's sandboxes: in the sandboxes' folders while these are there, and
 * afterwards in a folder {@code consoles/NAME} each, until they have been read. There may be {@link
 * #MOST} of those: nobody may be reading.
 */
final class ConsoleStore implements Consoles {
  /** Mostly 20 MiB each at most by default, as a console and its successor; never above 40. */
  static final int MOST = 256;

  private final SandboxFolders folders;
  private final Path root;

  ConsoleStore(SandboxFolders folders, Path dataDir) throws IOException {
    this.folders = folders;
    this.root = privateFolder(dataDir.resolve("consoles"));
  }

  @Override
  public List<ConsoleChunk> read(List<ConsolePosition> positions, int maxBytes) throws IOException {
    List<ConsoleChunk> chunks = new ArrayList<>();
    for (ConsolePosition position : positions) {
      read(position, maxBytes).ifPresent(chunks::add);
    }
    return chunks;
  }

  private Optional<ConsoleChunk> read(ConsolePosition position, int maxBytes) throws IOException {
    SandboxFolder folder = folders.of(position.sandbox());
    if (folder.exists()) {
      return new ConsoleFiles(position.sandbox(), folder.path(), false).after(position, maxBytes);
    }
    Path kept = root.resolve(folder.name());
    return Files.isDirectory(kept)
        ? new ConsoleFiles(position.sandbox(), kept, true).after(position, maxBytes)
        : Optional.empty();
  }

  /** Keeps the console of a sandbox whose folder is about to be removed; its monitor is dead. */
  void keep(SandboxFolder folder) throws IOException {
    if (!Files.exists(folder.console())) {
      return;
    }
    Path kept = privateFolder(root.resolve(folder.name()));
    new ConsoleFiles(folder.id(), folder.path(), true).moveTo(kept);
    List<Path> all = all();
    if (all.size() > MOST) {
      all.sort(Comparator.comparingLong(path -> path.toFile().lastModified()));
      for (Path oldest : all.subList(0, all.size() - MOST)) {
        FolderRemoval.remove(oldest);
      }
    }
  }

  @Override
  public Set<SandboxId> ended() throws IOException {
    Set<SandboxId> ended = new HashSet<>();
    for (Path path : all()) {
      folders.named(path.getFileName().toString()).map(SandboxFolder::id).ifPresent(ended::add);
    }
    return ended;
  }

  @Override
  public void release(SandboxId sandbox) throws IOException {
    FolderRemoval.remove(root.resolve(folders.of(sandbox).name()));
  }

  private List<Path> all() throws IOException {
    List<Path> all = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
      entries.forEach(all::add);
    }
    return all;
  }

  private static Path privateFolder(Path path) throws IOException {
    return Files.createDirectories(
        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }
}
