package dev.sandpool.bench;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsoleChunk;
import dev.sandpool.server.engine.ConsolePosition;
import dev.sandpool.server.engine.Consoles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Consoles of sandboxes that are no processes, a file each as a monitor writes it, and the thread
 * that prints to them at an even pace. Files are not replaced when they are full.
 */
final class ConsolesInFiles implements Consoles, AutoCloseable {
  private static final int GENERATION = 1;

  /** Between two writes to a file. */
  private static final int STEP_MILLIS = 20;

  private static final String TEXT =
      " stdout F request 12345678 of tenant-12 took 17 ms: 200 GET /api/items?page=3 bytes=5120\n";

  private final Path folder;
  private final List<SandboxId> sandboxes;
  private final Thread printer;
  private volatile boolean over;
  private final AtomicLong printed = new AtomicLong();

  /**
   * Begins to print.
   *
   * @param perSecond lines of all sandboxes together
   */
  ConsolesInFiles(Path folder, List<SandboxId> sandboxes, int perSecond) throws IOException {
    this.folder = folder;
    this.sandboxes = List.copyOf(sandboxes);
    List<FileChannel> files = new ArrayList<>();
    for (SandboxId it : sandboxes) {
      files.add(
          FileChannel.open(file(it), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }
    int lines = perSecond * STEP_MILLIS / 1000 / sandboxes.size();
    this.printer = Thread.ofPlatform().name("printer").start(() -> print(files, lines));
  }

  private Path file(SandboxId sandbox) {
    return folder.resolve(sandbox.value());
  }

  private void print(List<FileChannel> files, int lines) {
    long due = System.nanoTime();
    try {
      while (!over) {
        byte[] bytes =
            (Instant.now().toString() + TEXT).repeat(lines).getBytes(StandardCharsets.US_ASCII);
        for (FileChannel file : files) {
          file.write(ByteBuffer.wrap(bytes));
          printed.addAndGet(lines);
        }
        due += STEP_MILLIS * 1_000_000L;
        while (System.nanoTime() < due && !over) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
      }
      for (FileChannel file : files) {
        file.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lines so far. */
  long printed() {
    return printed.get();
  }

  @Override
  public List<ConsoleChunk> read(List<ConsolePosition> positions, int maxBytes) throws IOException {
    List<ConsoleChunk> chunks = new ArrayList<>();
    for (ConsolePosition it : positions) {
      if (sandboxes.contains(it.sandbox())) {
        long offset = it.generation() == GENERATION ? it.offset() : 0;
        byte[] bytes = read(it.sandbox(), offset, maxBytes);
        if (bytes.length > 0) {
          chunks.add(
              new ConsoleChunk(
                  it.sandbox(),
                  GENERATION,
                  offset,
                  false,
                  false,
                  /* gap= */ false,
                  ConsoleChunk.Next.NONE,
                  bytes));
        }
      }
    }
    return chunks;
  }

  private byte[] read(SandboxId sandbox, long offset, int most) throws IOException {
    try (FileChannel file = FileChannel.open(file(sandbox))) {
      var bytes = new byte[(int) Math.min(most, Math.max(0, file.size() - offset))];
      int read = bytes.length == 0 ? 0 : file.read(ByteBuffer.wrap(bytes), offset);
      if (read != bytes.length) {
        throw new IOException("a console was cut short");
      }
      return bytes;
    }
  }

  @Override
  public Set<SandboxId> ended() {
    return Set.of();
  }

  @Override
  public void release(SandboxId sandbox) throws IOException {
    Files.deleteIfExists(file(sandbox));
  }

  /** Ends the printing. */
  @Override
  public void close() {
    over = true;
    try {
      printer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
