package dev.sandpool.server.session;

import dev.sandpool.model.SandboxId;

/** Makes what a gateway keeps for one sandbox, once a session; must not block. */
@FunctionalInterface
public interface UpstreamFactory<U extends Upstream> {
  /** Nothing is connected yet. */
  U create(SandboxId sandbox, String address, int port);
}
