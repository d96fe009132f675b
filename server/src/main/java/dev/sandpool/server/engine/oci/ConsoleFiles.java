package dev.sandpool.server.engine.oci;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsoleChunk;
import dev.sandpool.server.engine.ConsolePosition;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The console of one sandbox as files: {@code log}, which its monitor replaces by an empty one at
 * its bound, and second names of the one that is being read and of the one that follows it. By
 * these a full log can be read to its end after it was replaced, also by a process that starts
 * later, and no other file gets the inode that a position means.
 *
 * @param folder that holds them
 * @param gone whether nobody writes any more, and they were moved to where consoles of the gone are
 */
record ConsoleFiles(SandboxId sandbox, Path folder, boolean gone) {
  /**
   * For the one of the position and for two after it: the next one may be read to its end before it
   * is known that this is stored. Each stands for any of them: a name that moved would stamp its
   * file.
   */
  private static final List<String> SECOND_NAMES = List.of("log.kept", "log.next", "log.then");

  /** What follows the position; empty where nothing does yet, or there is no console. */
  Optional<ConsoleChunk> after(ConsolePosition position, int maxBytes) throws IOException {
    try {
      Reading reading = locate(position);
      return reading == null ? end(position) : read(reading, maxBytes);
    } catch (NoSuchFileException e) {
      // Never made, or on its way to where consoles of the gone are.
      return end(position);
    }
  }

  private Optional<ConsoleChunk> end(ConsolePosition at) {
    return gone
        ? Optional.of(
            new ConsoleChunk(
                sandbox,
                at.generation(),
                at.offset(),
                at.done(),
                true,
                false,
                ConsoleChunk.Next.NONE,
                new byte[0]))
        : Optional.empty();
  }

  /** A file by its second name, which it got while it was the newest. */
  private record Held(Path path, long generation, FileTime made) {
    static Held at(Path path) throws IOException {
      var made = Files.readAttributes(path, BasicFileAttributes.class).creationTime();
      return new Held(path, ConsoleFiles.generation(path), made);
    }

    boolean isAfter(Held other) {
      return made.compareTo(other.made) > 0;
    }
  }

  private record Reading(Held file, long offset, boolean gap) {}

  private @Nullable Reading locate(ConsolePosition position) throws IOException {
    List<Held> held = held();
    long generation = position.generation();
    Held own = held.stream().filter(it -> it.generation == generation).findFirst().orElse(null);
    if (own == null && generation == 0 && !held.isEmpty()) {
      // What was read of it came to nothing.
      return new Reading(held.getFirst(), 0, false);
    }
    if (own == null) {
      own = holdNewest(held);
      if (own.generation != generation) {
        boolean lost = generation != 0 && !position.done();
        return new Reading(own, 0, lost);
      }
    } else {
      removeOlder(own, held);
    }
    return position.done() ? following(own) : new Reading(own, position.offset(), false);
  }

  /** From the oldest on. */
  private List<Held> held() throws IOException {
    List<Held> held = new ArrayList<>(SECOND_NAMES.size());
    for (String name : SECOND_NAMES) {
      Path path = folder.resolve(name);
      if (Files.exists(path)) {
        held.add(Held.at(path));
      }
    }
    held.sort(Comparator.comparing(Held::made));
    return held;
  }

  /** Lets go of what nobody knows how far it was read: none of it may come twice. */
  private Held holdNewest(List<Held> before) throws IOException {
    for (Held it : before) {
      Files.delete(it.path);
    }
    return hold();
  }

  /** That has been read. */
  private static void removeOlder(Held own, List<Held> held) throws IOException {
    for (Held it : held) {
      if (!it.equals(own) && !it.isAfter(own)) {
        Files.delete(it.path);
      }
    }
  }

  private Held hold() throws IOException {
    int free = 0;
    while (Files.exists(folder.resolve(SECOND_NAMES.get(free)))) {
      free++;
    }
    Path path = folder.resolve(SECOND_NAMES.get(free));
    // Fails where the newest is replaced meanwhile: it is looked for once more.
    Files.createLink(path, log());
    return Held.at(path);
  }

  /** The beginning of the one that comes after; null where that is the newest. */
  private @Nullable Reading following(Held own) throws IOException {
    List<Held> held = held();
    Held next = held.stream().filter(it -> it.isAfter(own)).findFirst().orElse(null);
    if (next == null) {
      if (generation(log()) == own.generation) {
        return null;
      }
      if (held.size() == SECOND_NAMES.size()) {
        // One that was made in the same moment: which of both came first is not known.
        held.remove(own);
        Files.delete(held.getLast().path);
      }
      next = hold();
    }
    // Made before it took the other's name, which stamps the other. The kernel's clock for stamps
    // stands still for some milliseconds: a file that was filled in these is not missed.
    boolean gap = next.made.compareTo(replaced(own)) > 0;
    return new Reading(next, 0, gap);
  }

  private FileTime replaced(Held file) throws IOException {
    return (FileTime) Files.getAttribute(file.path, gone ? "lastModifiedTime" : "unix:ctime");
  }

  private Optional<ConsoleChunk> read(Reading at, int maxBytes) throws IOException {
    // Asked first: what is no longer written to when its length is taken has that length for good.
    boolean newest = generation(log()) == at.file.generation;
    try (FileChannel channel = FileChannel.open(at.file.path, StandardOpenOption.READ)) {
      long size = channel.size();
      long offset = Math.min(at.offset, size);
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(maxBytes, size - offset));
      int read = 0;
      while (read >= 0 && buffer.hasRemaining()) {
        read = channel.read(buffer, offset + buffer.position());
      }
      boolean all = offset + buffer.position() >= size;
      boolean complete = all && !newest;
      boolean ended = all && newest && gone;
      if (buffer.position() == 0 && !complete && !ended && !at.gap) {
        return Optional.empty();
      }
      byte[] bytes = Arrays.copyOf(buffer.array(), buffer.position());
      return Optional.of(
          new ConsoleChunk(
              sandbox,
              at.file.generation,
              offset,
              complete,
              ended,
              at.gap,
              complete ? next(at.file) : ConsoleChunk.Next.NONE,
              bytes));
    }
  }

  /** How the one after it begins, if none came between. */
  private ConsoleChunk.Next next(Held own) throws IOException {
    Reading next = following(own);
    if (next == null || next.gap) {
      return ConsoleChunk.Next.NONE;
    }
    try (InputStream in = Files.newInputStream(next.file.path)) {
      return new ConsoleChunk.Next(next.file.generation, in.readNBytes(ConsoleChunk.Next.MOST));
    }
  }

  private Path log() {
    return folder.resolve("log");
  }

  private static long generation(Path file) throws IOException {
    return (Long) Files.getAttribute(file, "unix:ino");
  }

  /** Moves them to another folder, in place of what is there. */
  void moveTo(Path target) throws IOException {
    for (Held it : held()) {
      // The move stamps it anew.
      Files.setLastModifiedTime(it.path, (FileTime) Files.getAttribute(it.path, "unix:ctime"));
      move(it.path, target);
    }
    // Not there where it was moved before.
    if (Files.exists(log())) {
      move(log(), target);
    }
  }

  private static void move(Path file, Path target) throws IOException {
    Files.move(file, target.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
  }
}
