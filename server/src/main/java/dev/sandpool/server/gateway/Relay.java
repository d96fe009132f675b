package dev.sandpool.server.gateway;

import dev.sandpool.server.session.SessionEntry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.net.impl.ShutdownEvent;
import org.jspecify.annotations.Nullable;

/**
 * An upgraded connection: bytes both ways. Who reads slowly makes the other side stop. Who says
 * that nothing more will come (FIN) may go on reading; the connection is over when both have said
 * so, or one is gone. Counted in its session as long as it moves something; one over which for the
 * patience of its pool only pings and pongs have gone stays open and keeps no session alive, unless
 * pings count there. Used on one event loop only.
 *
 * <p>It takes the place of Vert.x in both pipelines: thousands of these may say nothing for hours,
 * and what Vert.x has for a connection is several times as large.
 */
final class Relay extends InFlight {
  private final Loop loop;
  private final SessionEntry<SandboxConnections> entry;
  private final Side caller;
  private final Side sandbox;
  private long saidNanos;
  private boolean quiet;
  private boolean oneWay;
  private boolean finishing;
  private boolean over;

  /**
   * @param before the request that asked for it, which is over
   * @param entry entered already; this relay leaves it
   * @param caller without reads until it starts, as is the other
   * @param pingsCount whether everything that moves keeps the session alive, as it does where the
   *     protocol is another than WebSocket
   */
  Relay(
      InFlight before,
      Loop loop,
      SessionEntry<SandboxConnections> entry,
      Channel caller,
      Channel sandbox,
      boolean pingsCount) {
    super(before.patienceNanos(), before.load, before.meters, before.traffic);
    this.loop = loop;
    this.entry = entry;
    this.caller = new Side(caller, pingsCount ? null : new WebSocketFrames());
    this.sandbox = new Side(sandbox, pingsCount ? null : new WebSocketFrames());
  }

  void start() {
    loop.add(this);
    saidNanos = movedNanos;
    entry.upgraded();
    // TLS knows no end of one direction that all clients would take for one.
    boolean halves = caller.channel.pipeline().get(SslHandler.class) == null;
    caller.join(halves);
    sandbox.join(halves);
    if (entry.closing()) {
      end();
    }
  }

  private void said(long now) {
    saidNanos = now;
    if (!quiet) {
      entry.touch(now);
    } else if (entry.enter(now)) {
      quiet = false;
      entry.countsAgain();
    } else {
      end();
    }
  }

  /** One side is no more, or both have said their last: what was said before is still delivered. */
  private void finish() {
    if (!finishing) {
      finishing = true;
      caller.afterWrites(() -> sandbox.afterWrites(this::end));
    }
  }

  @Override
  boolean mayStall() {
    return true;
  }

  @Override
  void check(long now) {
    super.check(now);
    if (!over && !quiet && now - saidNanos >= patienceNanos()) {
      quiet = true;
      entry.quiet();
    }
  }

  @Override
  void cutUnread() {
    CallerConnections.closeNow(caller.channel);
    end();
  }

  @Override
  void stalled() {
    if (!quiet && !over) {
      quiet = true;
      entry.quiet();
    }
    end();
  }

  private void end() {
    if (over) {
      return;
    }
    over = true;
    loop.remove(this);
    caller.release();
    entry.downgraded(quiet);
    if (!quiet) {
      entry.leave(loop.time().nanos());
    }
    caller.channel.close();
    sandbox.channel.close();
  }

  /** One of the two connections: the last in its pipeline. */
  private final class Side extends ChannelInboundHandlerAdapter {
    private final Channel channel;
    private final @Nullable WebSocketFrames frames;
    private int held;

    private Side(Channel channel, @Nullable WebSocketFrames frames) {
      this.channel = channel;
      this.frames = frames;
    }

    private void join(boolean halves) {
      channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, halves);
      channel.pipeline().replace("handler", "relay", this);
      channel.config().setAutoRead(true);
    }

    private Side other() {
      return equals(caller) ? sandbox : caller;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (over || !(message instanceof ByteBuf bytes)) {
        ReferenceCountUtil.release(message);
        return;
      }
      count(bytes.readableBytes());
      long now = loop.time().nanos();
      movedNanos = now;
      if (frames == null || frames.saysSomething(bytes)) {
        said(now);
      }
      Channel to = other().channel;
      to.write(bytes, to.voidPromise());
      if (!to.isWritable()) {
        channel.config().setAutoRead(false);
      }
    }

    private void count(int bytes) {
      if (equals(caller)) {
        countIn(bytes);
      } else {
        countOut(bytes);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      other().channel.flush();
      caller.hold();
    }

    /** What the caller has not taken counts until it has. */
    private void hold() {
      ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
      if (held == 0 && !over && waiting != null && !channel.isWritable()) {
        held = Math.toIntExact(waiting.totalPendingWriteBytes());
        loop.held().hold(Relay.this, held);
      }
    }

    private void release() {
      int taken = held;
      held = 0;
      if (taken > 0) {
        loop.held().release(Relay.this, taken);
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      if (channel.isWritable()) {
        release();
        other().channel.config().setAutoRead(true);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        saidLast();
      } else if (event instanceof ShutdownEvent) {
        channel.close();
      }
      ReferenceCountUtil.release(event);
    }

    /** It goes on listening. */
    private void saidLast() {
      if (oneWay) {
        finish();
        return;
      }
      oneWay = true;
      Side to = other();
      to.afterWrites(() -> ((DuplexChannel) to.channel).shutdownOutput());
    }

    /** A write of nothing is complete when all before it are, or when the connection is gone. */
    private void afterWrites(Runnable action) {
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> action.run());
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      release(); // What it had not taken is gone.
      finish();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      channel.close();
    }
  }
}
