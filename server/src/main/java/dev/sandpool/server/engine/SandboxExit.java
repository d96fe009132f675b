package dev.sandpool.server.engine;

import dev.sandpool.model.SandboxId;

/**
 * A sandbox that ended by itself.
 *
 * @param exitCode of its first process, 128 + signal where it was killed; -1 where nobody knows
 * @param outOfMemory whether the memory bound ended it
 * @param lastOutput its last lines of output, at most 2 KiB
 */
public record SandboxExit(SandboxId id, int exitCode, boolean outOfMemory, String lastOutput)
    implements EngineEvent {}
