package dev.sandpool.server.lifecycle;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import java.util.Optional;

/**
 * A step of a pool on its way to what it wants.
 *
 * @param sandbox whom it befell, where it was one
 * @param detail for whoever owns the pool; nothing secret
 */
public record PoolEvent(Kind kind, PoolId pool, Optional<SandboxId> sandbox, String detail) {
  /** What can happen. */
  public enum Kind {
    IMAGE_PULLING,
    IMAGE_PULLED,
    IMAGE_PULL_FAILED,
    /** A sandbox did not come up, or died before anybody held it. */
    SANDBOX_FAILED,
    /** That happened to several in a row: they are started with growing pauses. */
    CRASH_LOOP,
    /** The host has no room for what the pool wants. */
    CAPACITY,
    /** A revision serves from now on. */
    UPDATED,
    UPDATE_FAILED,
    /** Sandboxes are started to take the place of others. */
    REFILL,
    /** What could start as clones of a ready sandbox starts by itself. */
    SNAPSHOT_LOST
  }

  /** Of the pool as a whole. */
  public static PoolEvent of(Kind kind, PoolId pool, String detail) {
    return new PoolEvent(kind, pool, Optional.empty(), detail);
  }

  /** Of one sandbox of it. */
  public static PoolEvent of(Kind kind, PoolId pool, SandboxId sandbox, String detail) {
    return new PoolEvent(kind, pool, Optional.of(sandbox), detail);
  }
}
