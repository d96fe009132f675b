package dev.sandpool.server;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.pool.SandboxListener;
import dev.sandpool.server.session.Sessions;
import org.jspecify.annotations.Nullable;

/**
 * What the keeper tells, passed on to the sessions. They need each other, so one is bound late: the
 * keeper tells nothing before {@code PoolKeeper.recover}.
 */
final class SessionLink implements SandboxListener {
  private volatile @Nullable Sessions<?> sessions;

  void bind(Sessions<?> bound) {
    sessions = bound;
  }

  private Sessions<?> sessions() {
    Sessions<?> bound = sessions;
    if (bound == null) {
      throw new IllegalStateException("the keeper works before the sessions are there");
    }
    return bound;
  }

  @Override
  public void ready(PoolId pool) {
    sessions().poolChanged(pool);
  }

  @Override
  public void ending(SandboxId sandbox) {
    sessions().sandboxEnding(sandbox);
  }

  @Override
  public void gone(SandboxId sandbox) {
    sessions().sandboxGone(sandbox);
  }

  @Override
  public int waiting(PoolId pool) {
    return sessions().waiting(pool);
  }
}
