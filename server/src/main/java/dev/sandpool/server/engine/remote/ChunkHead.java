package dev.sandpool.server.engine.remote;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsoleChunk;
import java.io.IOException;
import java.io.InputStream;

/** A {@link ConsoleChunk} on the socket without its bytes, which follow all the heads. */
record ChunkHead(
    SandboxId sandbox,
    long generation,
    long offset,
    boolean complete,
    boolean ended,
    boolean gap,
    int length,
    long nextGeneration,
    int nextLength) {
  static ChunkHead of(ConsoleChunk chunk) {
    return new ChunkHead(
        chunk.sandbox(),
        chunk.generation(),
        chunk.offset(),
        chunk.complete(),
        chunk.ended(),
        chunk.gap(),
        chunk.bytes().length,
        chunk.next().generation(),
        chunk.next().bytes().length);
  }

  /**
   * The chunk whose bytes come now.
   *
   * @throws IOException if the engine was cut off before their end
   */
  ConsoleChunk with(InputStream bytes) throws IOException {
    byte[] own = read(bytes, length);
    var next = new ConsoleChunk.Next(nextGeneration, read(bytes, nextLength));
    return new ConsoleChunk(sandbox, generation, offset, complete, ended, gap, next, own);
  }

  private static byte[] read(InputStream bytes, int length) throws IOException {
    byte[] read = bytes.readNBytes(length);
    if (read.length < length) {
      throw new IOException("the engine was cut off while it told consoles");
    }
    return read;
  }
}
