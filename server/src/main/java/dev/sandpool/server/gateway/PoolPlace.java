package dev.sandpool.server.gateway;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import org.jspecify.annotations.Nullable;

/**
 * The place of one caller's connection among those of a pool. Until its first request a connection
 * is nobody's; then it is the pool's that its last request was for, also when it is unused or has
 * been upgraded, until it is closed. Used on its event loop only.
 */
final class PoolPlace implements ChannelFutureListener {
  private final CallerBounds bounds;
  private @Nullable PoolRoute taken;
  private boolean closed;

  PoolPlace(CallerBounds bounds) {
    this.bounds = bounds;
  }

  /** Whether it is among those of a pool. */
  boolean isTaken() {
    return taken != null;
  }

  /**
   * Moves to that pool, if it may have one more; otherwise it stays where it was. One that has been
   * closed is nobody's for good: its requests hear of the end only later, and may come here before.
   */
  boolean moveTo(PoolRoute route) {
    if (closed) {
      return true;
    }
    PoolRoute before = taken;
    if (before != null && before.pool().equals(route.pool())) {
      return true;
    }
    if (!bounds.join(route)) {
      return false;
    }
    leave();
    taken = route;
    return true;
  }

  @Override
  public void operationComplete(ChannelFuture end) {
    closed = true;
    leave();
  }

  private void leave() {
    PoolRoute before = taken;
    taken = null;
    if (before != null) {
      bounds.leave(before);
    }
  }
}
