package dev.sandpool.server.engine.oci;

import dev.sandpool.server.linux.Command;
import dev.sandpool.server.linux.Mounts;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;

/** Removes a folder that a hostile guest may have filled. */
final class FolderRemoval {
  /** Deeper trees go to {@code rm}, which needs neither stack nor long paths for them. */
  private static final int DEPTH = 60;

  private FolderRemoval() {}

  /**
   * Removes it, there or not.
   *
   * @throws IOException also if anything is still mounted in it, of which nothing is removed then:
   *     it may be the host's own root, on the same file system
   */
  static void remove(Path folder) throws IOException {
    if (Files.exists(folder)) {
      remove(folder, Mounts.all());
    }
  }

  /** The same where those are mounted. */
  static void remove(Path folder, List<Mounts.Mount> mounts) throws IOException {
    Path real;
    try {
      real = folder.toRealPath();
    } catch (NoSuchFileException e) {
      return;
    }
    for (Mounts.Mount mount : mounts) {
      if (mount.target().startsWith(real)) {
        throw new IOException(folder + " is left, because " + mount.target() + " is mounted");
      }
    }
    try {
      Files.walkFileTree(folder, Set.of(), DEPTH, DELETE);
    } catch (IOException e) {
      Command.require(List.of("/bin/rm", "-rf", "--one-file-system", "--", folder.toString()), "");
    }
  }

  private static final FileVisitor<Path> DELETE =
      new SimpleFileVisitor<>() {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
            throws IOException {
          Files.delete(file);
          return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(
            Path folder, @org.jspecify.annotations.Nullable IOException failure)
            throws IOException {
          if (failure != null) {
            throw failure;
          }
          Files.delete(folder);
          return FileVisitResult.CONTINUE;
        }
      };
}
