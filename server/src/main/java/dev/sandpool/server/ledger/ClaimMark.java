package dev.sandpool.server.ledger;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How many claims have succeeded, kept under /run where no copy of the ledger brings it along: a
 * ledger with fewer was restored, and what it calls Ready may have served somebody since (G1).
 *
 * <p>A claim costs one write to mapped memory, which outlives a killed process. A boot clears it,
 * and every sandbox with it.
 */
public final class ClaimMark {
  private static final int MAGIC = 0x5350434d;
  private static final int BYTES = 16;
  private static final int COUNT_AT = 8;

  private final ByteBuffer memory;

  private ClaimMark(ByteBuffer memory) {
    this.memory = memory;
  }

  /**
   * The mark in that file, which is made (0600), with its folders, where it is not there.
   *
   * @throws IOException if it can be neither read nor made
   */
  public static ClaimMark open(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    var options =
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try (FileChannel channel = FileChannel.open(file, options, owner)) {
      MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES);
      return new ClaimMark(mapped);
    }
  }

  /** One that ends with this object, where nobody restores ledgers. */
  public static ClaimMark inMemory() {
    return new ClaimMark(ByteBuffer.allocate(BYTES));
  }

  /** The count; empty if none was set since the boot, or it was taken away. */
  public synchronized OptionalLong count() {
    return memory.getInt(0) == MAGIC
        ? OptionalLong.of(memory.getLong(COUNT_AT))
        : OptionalLong.empty();
  }

  /** From now on this is the count. */
  public synchronized void set(long claims) {
    memory.putLong(COUNT_AT, claims);
    memory.putInt(0, MAGIC);
  }

  /** One more, after it is durable and before anybody is told of it. */
  public synchronized void advance() {
    memory.putLong(COUNT_AT, memory.getLong(COUNT_AT) + 1);
  }
}
