package dev.sandpool.server.pool;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.IdentityDoor;
import java.io.IOException;
import java.util.Map;

/** Who answers where sandboxes of pools with an identity ask for tokens. */
public interface IdentityDoors {
  /**
   * Begins to answer a sandbox, which need not exist yet. Does nothing if that was begun before.
   *
   * @return the variables that tell the sandbox where to ask, and with what
   * @throws IOException if nobody can answer there
   */
  Map<String, String> open(SandboxId sandbox, PoolId pool, IdentityDoor door) throws IOException;

  /** Ends it, begun or not. */
  void close(SandboxId sandbox);

  /** Where no sandbox asks for tokens. */
  static IdentityDoors none() {
    return new IdentityDoors() {
      @Override
      public Map<String, String> open(SandboxId sandbox, PoolId pool, IdentityDoor door)
          throws IOException {
        throw new IOException("this server answers no sandbox that asks for tokens");
      }

      @Override
      public void close(SandboxId sandbox) {}
    };
  }
}
