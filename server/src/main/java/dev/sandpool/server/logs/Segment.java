package dev.sandpool.server.logs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * One file of blocks. Only the last of a table is written to; the others have their index in a file
 * beside them.
 *
 * @param number in the order of the table
 */
record Segment(Path folder, long number, long size, long first, long last) {
  private static final String SUFFIX = ".seg";

  static Segment at(Path folder, long number) {
    return new Segment(folder, number, 0, Long.MAX_VALUE, Long.MIN_VALUE);
  }

  /** The number of a segment's file; empty where it is none. */
  static Optional<Long> numberOf(Path file) {
    String name = file.getFileName().toString();
    return name.matches("[0-9a-f]{16}" + SUFFIX)
        ? Optional.of(Long.parseLong(name.substring(0, 16), 16))
        : Optional.empty();
  }

  Path file() {
    return folder.resolve("%016x%s".formatted(number, SUFFIX));
  }

  private Path indexFile() {
    return folder.resolve("%016x.idx".formatted(number));
  }

  /** The same with more in it. */
  Segment grown(long bytes, long blockFirst, long blockLast) {
    return new Segment(
        folder, number, size + bytes, Math.min(first, blockFirst), Math.max(last, blockLast));
  }

  boolean overlaps(long from, long to) {
    return first <= to && last >= from;
  }

  /** Bytes from an offset on, at most that many. */
  ByteBuffer read(long offset, int most) throws IOException {
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.READ)) {
      long left = Math.max(0, Math.min(channel.size(), Math.max(size, offset)) - offset);
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(most, left));
      int read = 0;
      while (read >= 0 && bytes.hasRemaining()) {
        read = channel.read(bytes, offset + bytes.position());
      }
      return bytes.flip();
    }
  }

  void write(ByteBuffer bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // Not appended: what a failed write has left behind the last whole block is written over.
      long at = size;
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    }
  }

  void truncate() throws IOException {
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
  }

  /**
   * Writes what will not change any more to disk, and its index beside it. What a failed write left
   * behind it goes: no write of another block will cover it.
   */
  void seal(SegmentIndex index) throws IOException {
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      channel.truncate(size);
      channel.force(false);
    }
    Path fresh = folder.resolve("index.tmp");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer entries = index.encode();
      while (entries.hasRemaining()) {
        channel.write(entries);
      }
    }
    Files.move(fresh, indexFile(), StandardCopyOption.ATOMIC_MOVE);
  }

  /** The index that was sealed. */
  Optional<SegmentIndex> index() throws IOException {
    return Files.exists(indexFile())
        ? Optional.of(SegmentIndex.decode(ByteBuffer.wrap(Files.readAllBytes(indexFile()))))
        : Optional.empty();
  }

  void remove() throws IOException {
    Files.deleteIfExists(file());
    Files.deleteIfExists(indexFile());
  }
}
