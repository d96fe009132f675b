package dev.sandpool.server.engine.microvm;

import dev.sandpool.server.linux.Command;
import dev.sandpool.server.linux.SparseFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** What is done with the files of a snapshot, which are large and mostly holes. */
final class SnapshotFiles {
  private static final int CHUNK = 1 << 20;

  private SnapshotFiles() {}

  /** Makes a folder that root alone can enter. */
  static void privateFolder(Path folder) throws IOException {
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /** Takes a file from its machine: nobody writes to it, and who is handed it may read it. */
  static void close(Path file) throws IOException {
    Files.setAttribute(file, "unix:uid", 0);
    Files.setAttribute(file, "unix:gid", 0);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
  }

  /** Of where there is data, and of that. */
  static String digest(Path file) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
    try (FileChannel content = FileChannel.open(file)) {
      for (SparseFile.Extent extent : SparseFile.extents(file)) {
        digest.update(
            (extent.from() + " " + extent.to() + "\n").getBytes(StandardCharsets.US_ASCII));
        for (long at = extent.from(); at < extent.to(); ) {
          chunk.clear().limit((int) Math.min(CHUNK, extent.to() - at));
          int length = content.read(chunk, at);
          if (length <= 0) {
            throw new IOException(file + " is shorter than it was");
          }
          digest.update(chunk.flip());
          at += length;
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** A copy without the holes, which takes no room where the file system can share it. */
  static void copy(Path from, Path to) throws IOException {
    Command.require(
        List.of("/usr/bin/cp", "--reflink=auto", "--sparse=auto", from.toString(), to.toString()),
        "");
  }

  /** Deletes a folder of files. */
  static void delete(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
