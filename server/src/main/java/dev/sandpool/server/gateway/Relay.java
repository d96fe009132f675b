package dev.sandpool.server.gateway;

import dev.sandpool.server.session.SessionEntry;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An upgraded connection: bytes both ways. Who reads slowly makes the other side stop. Who says
 * that nothing more will come (FIN) may go on reading; the connection is over when both have said
 * so, or one is gone. Counted in its session as long as it moves something; one over which for the
 * patience of its pool only pings and pongs have gone stays open and keeps no session alive, unless
 * pings count there. Used on one event loop only.
 */
final class Relay extends InFlight {
  private final Loop loop;
  private final SessionEntry<SandboxConnections> entry;
  private final NetSocket caller;
  private final NetSocket sandbox;
  private final @Nullable WebSocketFrames fromCaller;
  private final @Nullable WebSocketFrames fromSandbox;
  private long saidNanos;
  private boolean quiet;
  private boolean oneWay;
  private boolean finishing;
  private boolean over;

  /**
   * @param before the request that asked for it, which is over
   * @param entry entered already; this relay leaves it
   * @param pingsCount whether everything that moves keeps the session alive, as it does where the
   *     protocol is another than WebSocket
   */
  Relay(
      InFlight before,
      Loop loop,
      SessionEntry<SandboxConnections> entry,
      NetSocket caller,
      NetSocket sandbox,
      boolean pingsCount) {
    super(before.patienceNanos(), before.load, before.meters);
    this.loop = loop;
    this.entry = entry;
    this.caller = caller;
    this.sandbox = sandbox;
    this.fromCaller = pingsCount ? null : new WebSocketFrames();
    this.fromSandbox = pingsCount ? null : new WebSocketFrames();
  }

  void start() {
    loop.add(this);
    saidNanos = movedNanos;
    entry.upgraded();
    join(caller, fromCaller, sandbox, meters::bytesIn);
    join(sandbox, fromSandbox, caller, meters::bytesOut);
    caller.resume();
    sandbox.resume();
    if (entry.closing()) {
      end();
    }
  }

  private void join(
      NetSocket from, @Nullable WebSocketFrames frames, NetSocket to, LongConsumer bytesMoved) {
    from.handler(
        bytes -> {
          if (!over) {
            bytesMoved.accept(bytes.length());
            pass(bytes, frames, from, to);
          }
        });
    from.endHandler(ended -> finish());
    from.exceptionHandler(failed -> {});
    if (!caller.isSsl()) {
      // TLS knows no end of one direction that all clients would take for one.
      Channel channel = channel(from);
      channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
      channel.pipeline().addBefore("handler", "half", new HalfClose());
    }
  }

  private static Channel channel(NetSocket socket) {
    return ((NetSocketInternal) socket).channelHandlerContext().channel();
  }

  private void pass(Buffer bytes, @Nullable WebSocketFrames frames, NetSocket from, NetSocket to) {
    if (bytes.length() == 0) {
      finishedOneWay(to);
      return;
    }
    long now = loop.time().nanos();
    movedNanos = now;
    if (frames == null || frames.saysSomething(((BufferInternal) bytes).getByteBuf())) {
      said(now);
    }
    to.write(bytes);
    if (to.writeQueueFull()) {
      from.pause();
      to.drainHandler(drained -> from.resume());
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

  /** One side has said its last, and goes on listening. */
  private void finishedOneWay(NetSocket to) {
    if (oneWay) {
      finish();
      return;
    }
    oneWay = true;
    afterWrites(to, () -> ((DuplexChannel) channel(to)).shutdownOutput());
  }

  /** One side is no more, or both have said their last: what was said before is still delivered. */
  private void finish() {
    if (!finishing) {
      finishing = true;
      afterWrites(caller, () -> afterWrites(sandbox, this::end));
    }
  }

  /** A write of nothing is complete when all before it are, or when the connection is gone. */
  private static void afterWrites(NetSocket to, Runnable action) {
    to.write(Buffer.buffer()).onComplete(written -> action.run());
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
    entry.downgraded(quiet);
    if (!quiet) {
      entry.leave(loop.time().nanos());
    }
    caller.close();
    sandbox.close();
  }

  /**
   * Hears of the end of what one side sends and hands it on as a read of nothing, behind all that
   * was read before.
   */
  private static final class HalfClose extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        context.fireChannelRead(Unpooled.EMPTY_BUFFER);
        context.fireChannelReadComplete();
      }
      context.fireUserEventTriggered(event);
    }
  }
}
