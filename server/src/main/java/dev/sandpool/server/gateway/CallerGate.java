package dev.sandpool.server.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.RejectedExecutionException;

/**
 * What stands in a listening channel and meets each connection before anybody else. It lets in no
 * more than event loops have made ready: a loop does all that it has been given before it looks at
 * its sockets again, so thousands of connections that come at once would keep it from everybody
 * else's requests until it has done with the last of them. They wait in the kernel instead, those
 * of other loops behind them: which loop one will have is not known before. Used on the listening
 * channel's loop only.
 */
final class CallerGate extends ChannelInboundHandlerAdapter {
  /** Of these a loop has done its part within about a millisecond. */
  static final int MOST_ARRIVING = 16;

  private final CallerBounds bounds;
  private final TrustedProxies proxies;
  private int arriving;
  private boolean shut;

  CallerGate(CallerBounds bounds, TrustedProxies proxies) {
    this.bounds = bounds;
    this.proxies = proxies;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    if (!(accepted instanceof Channel caller)) {
      context.fireChannelRead(accepted);
      return;
    }
    Channel listening = context.channel();
    CallerArrival.await(caller, bounds, proxies);
    if (++arriving == MOST_ARRIVING) {
      shut = true;
      listening.config().setAutoRead(false);
    }
    context.fireChannelRead(accepted);
    Runnable arrived = () -> listening.eventLoop().execute(() -> arrived(listening));
    try {
      // Stands in line behind what makes the connection ready, or fails to.
      caller.eventLoop().execute(arrived);
    } catch (IllegalStateException | RejectedExecutionException e) {
      // No loop has it, so nobody will make it ready: it has been closed.
      arrived(listening);
    }
  }

  private void arrived(Channel listening) {
    arriving--;
    if (shut && arriving <= MOST_ARRIVING / 2) {
      shut = false;
      listening.config().setAutoRead(true);
    }
  }
}
