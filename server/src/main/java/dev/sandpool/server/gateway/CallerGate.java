package dev.sandpool.server.gateway;

import dev.sandpool.server.time.Time;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * What stands in a listening channel and meets each connection before anybody else. It lets in no
 * more than event loops have made ready: a loop does all that it has been given before it looks at
 * its sockets again, so thousands of connections that come at once would keep it from everybody
 * else's requests until it has done with the last of them. They wait in the kernel instead, those
 * of other loops behind them: which loop one will have is not known before.
 *
 * <p>Where that takes the loops longer than it should, because the host is busy or they have not
 * done it often, it takes from the others too. A crowd may do that; of more than a crowd the next
 * wait outside until the others have had the loops for a multiple of the time. Used on the
 * listening channel's loop only.
 */
final class CallerGate extends ChannelInboundHandlerAdapter {
  /** Of these a loop has done its part within about a millisecond. */
  static final int MOST_ARRIVING = 16;

  /** Loops that have time make {@link #MOST_ARRIVING} ready within it. */
  private static final long PROMPT_NANOS = 2_000_000;

  /** So many may come at once, and so many more each second. */
  static final int CROWD = 1024;

  /** For so many times as long as it has taken the loops are the others' then. */
  private static final int OTHERS = 4;

  /** Nobody waits for longer because of one time that the host stood still. */
  private static final long LONGEST_NANOS = 100_000_000;

  private final CallerBounds bounds;
  private final TrustedProxies proxies;
  private final Time time;
  private int arriving;
  private boolean shut;
  private boolean pausing;
  private long shutNanos;
  private double crowd;
  private long crowdNanos;

  CallerGate(CallerBounds bounds, TrustedProxies proxies, Time time) {
    this.bounds = bounds;
    this.proxies = proxies;
    this.time = time;
    this.crowdNanos = time.nanos();
  }

  /**
   * How long the gate stays shut after as many as it lets in at once have taken so long.
   *
   * @param crowd how many have come of late
   */
  static long pauseNanos(double crowd, long tookNanos) {
    boolean others = crowd > CROWD && tookNanos > PROMPT_NANOS;
    return others ? Math.min(OTHERS * tookNanos, LONGEST_NANOS) : 0;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    if (!(accepted instanceof Channel caller)) {
      context.fireChannelRead(accepted);
      return;
    }
    Channel listening = context.channel();
    CallerArrival.await(caller, bounds, proxies);
    long now = time.nanos();
    crowd = Math.max(0, crowd - CROWD * (now - crowdNanos) * 1e-9) + 1;
    crowdNanos = now;
    if (++arriving == MOST_ARRIVING) {
      shut = true;
      shutNanos = now;
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
    if (!shut || arriving > (crowd > CROWD ? 0 : MOST_ARRIVING / 2)) {
      return;
    }
    long pause = pauseNanos(crowd, time.nanos() - shutNanos);
    if (pause == 0) {
      open(listening);
    } else if (!pausing) {
      pausing = true;
      listening.eventLoop().schedule(() -> open(listening), pause, TimeUnit.NANOSECONDS);
    }
  }

  private void open(Channel listening) {
    shut = false;
    pausing = false;
    listening.config().setAutoRead(true);
  }
}
