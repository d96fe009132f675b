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
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * The console of one sandbox as files: {@code log}, which its monitor replaces by an empty one at
 * its bound, and {@code log.kept}, a second name of the one that is being read. By that name a full
 * log can be read to its end after it was replaced, also by a process that starts later.
 *
 * @param folder that holds both
 * @param gone whether nobody writes any more
 */
record ConsoleFiles(SandboxId sandbox, Path folder, boolean gone) {
  /** The kernel stamps files with a coarse clock. */
  private static final Duration STAMPS_DIFFER = Duration.ofMillis(50);

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

  private record Reading(long generation, long offset, boolean gap) {}

  private @org.jspecify.annotations.Nullable Reading locate(ConsolePosition position)
      throws IOException {
    if (!Files.exists(kept())) {
      Files.createLink(kept(), log());
    }
    long here = generation(kept());
    if (here != position.generation() && generation(log()) == position.generation()) {
      // Read as the next one already, to the end of a line that had begun in the one before it.
      keepNewest();
      here = generation(kept());
    }
    if (here == position.generation() && !position.done()) {
      return new Reading(here, position.offset(), false);
    }
    if (here != position.generation()) {
      boolean lost = position.generation() != 0 && !position.done();
      return new Reading(here, 0, lost);
    }
    if (generation(log()) == here) {
      return null;
    }
    boolean gap = missed();
    keepNewest();
    return new Reading(generation(kept()), 0, gap);
  }

  private void keepNewest() throws IOException {
    Path fresh = folder.resolve("log.next");
    Files.deleteIfExists(fresh);
    Files.createLink(fresh, log());
    Files.move(fresh, kept(), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Whether others came between the one that was read and the newest: the newest is made at the
   * moment in which the one before it loses its name, and that stamps the one that loses it.
   */
  private boolean missed() throws IOException {
    FileTime replaced = (FileTime) Files.getAttribute(kept(), "unix:ctime");
    FileTime made = Files.readAttributes(log(), BasicFileAttributes.class).creationTime();
    return made.toInstant().isAfter(replaced.toInstant().plus(STAMPS_DIFFER));
  }

  private Optional<ConsoleChunk> read(Reading at, int maxBytes) throws IOException {
    // Asked first: what is no longer written to when its length is taken has that length for good.
    boolean newest = generation(log()) == at.generation;
    try (FileChannel channel = FileChannel.open(kept(), StandardOpenOption.READ)) {
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
              at.generation,
              offset,
              complete,
              ended,
              at.gap,
              complete ? next() : ConsoleChunk.Next.NONE,
              bytes));
    }
  }

  /** How the newest begins, if nothing came between it and the one that was read. */
  private ConsoleChunk.Next next() throws IOException {
    if (missed()) {
      return ConsoleChunk.Next.NONE;
    }
    long newest = generation(log());
    byte[] bytes;
    try (InputStream in = Files.newInputStream(log())) {
      bytes = in.readNBytes(ConsoleChunk.Next.MOST);
    }
    // Replaced at this very moment: it is looked for once more.
    boolean same = generation(log()) == newest;
    return new ConsoleChunk.Next(newest, same ? bytes : new byte[0]);
  }

  private Path log() {
    return folder.resolve("log");
  }

  private Path kept() {
    return folder.resolve("log.kept");
  }

  private static long generation(Path file) throws IOException {
    return (Long) Files.getAttribute(file, "unix:ino");
  }

  /** Moves both to another folder, in place of what is there. */
  void moveTo(Path target) throws IOException {
    for (Path file : new Path[] {kept(), log()}) {
      // Not there where nobody had begun to read.
      if (Files.exists(file)) {
        Files.move(file, target.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
