package dev.sandpool.server.engine;

import dev.sandpool.model.SandboxId;

/**
 * How far a sandbox's console has been read. A console is a row of generations: at its bound a
 * fresh file takes the place of the full one.
 *
 * @param generation which of them; 0 where none has been read
 * @param offset bytes of it that have been read
 * @param done whether that is all of it
 */
public record ConsolePosition(SandboxId sandbox, long generation, long offset, boolean done) {
  /**
   * @throws IllegalArgumentException naming what is out of its range: whoever asks may have been
   *     taken over
   */
  public ConsolePosition {
    if (generation < 0 || offset < 0) {
      throw new IllegalArgumentException(
          "generation %d, offset %d (each at least 0)".formatted(generation, offset));
    }
  }

  /** Before anything was read. */
  public static ConsolePosition start(SandboxId sandbox) {
    return new ConsolePosition(sandbox, 0, 0, false);
  }
}
