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
    byte[] bytes) {}
