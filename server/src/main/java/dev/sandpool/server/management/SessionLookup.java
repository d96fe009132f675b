package dev.sandpool.server.management;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import java.util.Optional;

/** Finds the sandbox that a session holds. */
@FunctionalInterface
public interface SessionLookup {
  /** The sandbox; empty if the pool has no such session. Does not allocate one. */
  Optional<SandboxId> sandbox(PoolId pool, String identifier);
}
