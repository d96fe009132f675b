package dev.sandpool.server.pool;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;

/** Who is told what becomes of sandboxes: the sessions. Calls return at once. */
public interface SandboxListener {
  /** A sandbox of the pool can be claimed, or claims have become possible otherwise. */
  void ready(PoolId pool);

  /** It is ending: nothing more may be sent to it. */
  void ending(SandboxId sandbox);

  /** Nothing of it is left. May be told more than once. */
  void gone(SandboxId sandbox);

  /** How many requests wait for a sandbox of the pool. */
  int waiting(PoolId pool);
}
