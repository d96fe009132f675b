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
    int length) {
  static ChunkHead of(ConsoleChunk chunk) {
    return new ChunkHead(
        chunk.sandbox(),
        chunk.generation(),
        chunk.offset(),
        chunk.complete(),
        chunk.ended(),
        chunk.gap(),
        chunk.bytes().length);
  }

  /**
   * The chunk whose bytes are next.
   *
   * @throws IOException if the engine was cut off before their end
   */
  ConsoleChunk with(InputStream bytes) throws IOException {
    byte[] read = bytes.readNBytes(length);
    if (read.length < length) {
      throw new IOException("the engine was cut off while it told consoles");
    }
    return new ConsoleChunk(sandbox, generation, offset, complete, ended, gap, read);
  }
}
