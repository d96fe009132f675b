package dev.sandpool.server.engine.microvm;

import dev.sandpool.model.Json;
import dev.sandpool.server.linux.SparseFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;

/**
 * A machine that was ready, as files in a folder that root alone can enter: its memory, with all
 * secrets that its application knows, the state of its devices, and what it had written.
 */
record Snapshot(Path folder, Facts facts) {
  private static final String FACTS = "snapshot.json";
  private static final List<String> FILES = List.of("memory", "state", "disk");

  /**
   * Written last.
   *
   * @param name of what it is one of
   * @param boot of the host, beyond which nothing starts from it
   * @param noteBytes size of the note's disk, which its kernel knows
   * @param digests by the files' names
   */
  record Facts(String name, String boot, long noteBytes, Map<String, String> digests) {
    Facts with(Map<String, String> all) {
      return new Facts(name, boot, noteBytes, all);
    }
  }

  Path memory() {
    return folder.resolve("memory");
  }

  Path state() {
    return folder.resolve("state");
  }

  Path disk() {
    return folder.resolve("disk");
  }

  /**
   * Makes one of files that are moved, all or none.
   *
   * @param from folder of the three files; nobody uses them any more
   * @param work a folder on the same file system, which must not be there
   * @param facts of it, still without digests
   */
  static void keep(Path from, Path work, Path folder, Facts facts) throws IOException {
    SnapshotFiles.privateFolder(work);
    Map<String, String> digests = new TreeMap<>();
    for (String file : FILES) {
      Path kept = work.resolve(file);
      Files.move(from.resolve(file), kept);
      SnapshotFiles.close(kept);
      digests.put(file, SnapshotFiles.digest(kept));
    }
    Files.writeString(work.resolve(FACTS), Json.MAPPER.writeValueAsString(facts.with(digests)));
    Files.move(work, folder, StandardCopyOption.ATOMIC_MOVE);
  }

  /** What its files take on the disk: their holes are not counted. */
  static long bytesOf(Path folder) throws IOException {
    long bytes = 0;
    for (String file : FILES) {
      if (Files.exists(folder.resolve(file))) {
        for (SparseFile.Extent extent : SparseFile.extents(folder.resolve(file))) {
          bytes += extent.to() - extent.from();
        }
      }
    }
    return bytes;
  }

  /** The one in that folder, if there is one. */
  static Optional<Snapshot> in(Path folder) {
    try {
      return Optional.of(
          new Snapshot(
              folder, Json.MAPPER.readValue(Files.readString(folder.resolve(FACTS)), Facts.class)));
    } catch (IOException | JacksonException e) {
      return Optional.empty();
    }
  }

  /** What is not as it was when it was made; nothing if all is. */
  Optional<String> damage() {
    for (String file : FILES) {
      try {
        if (!SnapshotFiles.digest(folder.resolve(file)).equals(facts.digests().get(file))) {
          return Optional.of("its file '" + file + "' has changed");
        }
      } catch (IOException e) {
        return Optional.of("its file '" + file + "' cannot be read: " + e.getMessage());
      }
    }
    return Optional.empty();
  }
}
