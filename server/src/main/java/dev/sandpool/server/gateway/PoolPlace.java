package dev.sandpool.server.gateway;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The place of one caller's connection among those of a pool. Until its first request a connection
 * is nobody's; then it is the pool's that its last request was for, also when it is unused or has
 * been upgraded, until it is closed. One of HTTP/2, whose requests go on beside each other, stays
 * all those pools' that it has had a request for. Used on its event loop only.
 */
final class PoolPlace implements ChannelFutureListener {
  private final CallerBounds bounds;
  private final boolean several;
  private @Nullable PoolRoute taken;
  private List<PoolRoute> earlier = List.of();
  private boolean closed;

  /**
   * @param several whether requests of several pools may be under way at once
   */
  PoolPlace(CallerBounds bounds, boolean several) {
    this.bounds = bounds;
    this.several = several;
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
    if (before != null && (isOf(before, route) || isEarlier(route))) {
      return true;
    }
    if (!bounds.join(route)) {
      return false;
    }
    if (several && before != null) {
      earlier = earlier.isEmpty() ? new ArrayList<>() : earlier;
      earlier.add(before);
    } else {
      leave();
    }
    taken = route;
    return true;
  }

  private static boolean isOf(PoolRoute one, PoolRoute route) {
    return one.pool().equals(route.pool());
  }

  private boolean isEarlier(PoolRoute route) {
    for (int i = 0; i < earlier.size(); i++) {
      if (isOf(earlier.get(i), route)) {
        return true;
      }
    }
    return false;
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
    earlier.forEach(bounds::leave);
    earlier = List.of();
  }
}
