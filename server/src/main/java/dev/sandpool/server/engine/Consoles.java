package dev.sandpool.server.engine;

import dev.sandpool.model.SandboxId;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * The consoles of an engine's sandboxes, read by position: also those of sandboxes that are gone,
 * until they are released, so that nothing that was printed before an end is missed.
 *
 * <p>It keeps no state but files; a repeated call answers the same.
 */
public interface Consoles {
  /**
   * What follows each position, for those where anything does.
   *
   * @param maxBytes of one chunk
   */
  List<ConsoleChunk> read(List<ConsolePosition> positions, int maxBytes) throws IOException;

  /** The sandboxes that are gone and whose consoles are kept. */
  Set<SandboxId> ended() throws IOException;

  /** Removes the console of a sandbox that is gone. Does nothing if none is kept. */
  void release(SandboxId sandbox) throws IOException;
}
