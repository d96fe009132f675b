package dev.sandpool.server.engine;

import dev.sandpool.model.SandboxId;

/**
 * What follows a {@link ConsolePosition}.
 *
 * @param generation that the bytes are of
 * @param offset where in it they begin
 * @param complete whether nothing follows in this generation: the next one is next
 * @param ended whether nothing follows at all: the sandbox is gone
 * @param gap whether generations before this one were replaced before anybody had read them
 * @param next where complete: how the next generation begins, in which a line may go on that was
 *     cut in pieces
 * @param bytes lines {@code TIME STREAM F|P TEXT}; the last may be cut off where not complete
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared; copying megabytes would cost.
public record ConsoleChunk(
    SandboxId sandbox,
    long generation,
    long offset,
    boolean complete,
    boolean ended,
    boolean gap,
    Next next,
    byte[] bytes) {
  /**
   * The beginning of a generation.
   *
   * @param generation 0: there is none, or others came before it
   * @param bytes at most {@link #MOST}; may still be growing
   */
  @SuppressWarnings("ArrayRecordComponent") // As above.
  public record Next(long generation, byte[] bytes) {
    /** Twice the longest row of a table of logs: enough for the end of any line. */
    public static final int MOST = 64 << 10;

    /** No next generation is known. */
    public static final Next NONE = new Next(0, new byte[0]);
  }
}
