package dev.sandpool.server.engine;

import dev.sandpool.model.SandboxId;

/**
 * What a sandbox really takes, its runtime included.
 *
 * @param cpuNanos processor time since it was started
 * @param memoryBytes at this moment
 */
public record SandboxUse(SandboxId sandbox, long cpuNanos, long memoryBytes) {}
