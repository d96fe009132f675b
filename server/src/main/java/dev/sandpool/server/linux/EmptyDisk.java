package dev.sandpool.server.linux;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An empty ext4 file system of a certain size, kept in memory as the few blocks that are not zero
 * (some 72 KiB): writing them again starts no process.
 */
public final class EmptyDisk {
  private static final long LARGEST_CONTENT = 64 << 20;

  private final long bytes;
  private final List<Block> blocks;

  private record Block(long offset, ByteBuffer content) {}

  private EmptyDisk(long bytes, List<Block> blocks) {
    this.bytes = bytes;
    this.blocks = blocks;
  }

  /**
   * Makes one.
   *
   * @param scratch a file that is overwritten and deleted
   * @param bytes of the whole, its own administration (some 2 %) included; at least 1 MiB
   * @param files that there can be, folders and links included
   * @throws IOException if the tool {@code mkfs.ext4} is missing or fails
   */
  public static EmptyDisk make(Path scratch, long bytes, long files) throws IOException {
    Path tool =
        Command.find("mkfs.ext4")
            .orElseThrow(
                () ->
                    new IOException(
                        "the program 'mkfs.ext4' is missing; install the package e2fsprogs"));
    try {
      Files.deleteIfExists(scratch);
      extend(scratch, bytes);
      Command.require(
          List.of(
              tool.toString(),
              "-q",
              "-F",
              // No journal: it is thrown away with its sandbox. No room to grow, none for root.
              // Leave to encrypt, of which nobody makes use: Linux then copies what is written page
              // by page, and not up to 2 MiB at once, for which it keeps the processor (decision
              // 12).
              "-O",
              "^has_journal,^resize_inode,encrypt",
              "-E",
              "lazy_itable_init=1,nodiscard,root_owner=0:0",
              "-b",
              "4096",
              "-I",
              "256",
              "-m",
              "0",
              "-N",
              Long.toString(files),
              scratch.toString()),
          "");
      return new EmptyDisk(bytes, read(scratch));
    } finally {
      Files.deleteIfExists(scratch);
    }
  }

  private static void extend(Path image, long bytes) throws IOException {
    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(bytes);
    }
  }

  private static List<Block> read(Path image) throws IOException {
    List<Block> blocks = new ArrayList<>();
    long sum = 0;
    try (FileChannel content = FileChannel.open(image)) {
      for (SparseFile.Extent extent : SparseFile.extents(image)) {
        sum += extent.to() - extent.from();
        if (sum > LARGEST_CONTENT) {
          throw new IOException("the file system of " + image.getParent() + " has no sparse files");
        }
        ByteBuffer block = ByteBuffer.allocateDirect((int) (extent.to() - extent.from()));
        while (block.hasRemaining() && content.read(block, extent.from() + block.position()) >= 0) {
          // On to the end of the block.
        }
        blocks.add(new Block(extent.from(), block.flip().asReadOnlyBuffer()));
      }
    }
    return List.copyOf(blocks);
  }

  /** Writes it into a new file, sparse, readable by its owner alone where the folder is. */
  public void writeTo(Path image) throws IOException {
    extend(Files.createFile(image), bytes);
    try (FileChannel file = FileChannel.open(image, java.nio.file.StandardOpenOption.WRITE)) {
      for (Block block : blocks) {
        ByteBuffer content = block.content().duplicate();
        while (content.hasRemaining()) {
          file.write(content, block.offset() + content.position());
        }
      }
    }
  }
}
