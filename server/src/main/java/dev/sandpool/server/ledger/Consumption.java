package dev.sandpool.server.ledger;

import dev.sandpool.model.SandboxId;

/**
 * What one sandbox really takes.
 *
 * @param cpuNanos processor time since it was started
 * @param memoryBytes at this moment
 */
public record Consumption(SandboxId sandbox, long cpuNanos, long memoryBytes) {}
