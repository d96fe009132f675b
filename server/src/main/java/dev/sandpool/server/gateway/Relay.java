package dev.sandpool.server.gateway;

import dev.sandpool.server.session.SessionEntry;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.NetSocket;
import org.jspecify.annotations.Nullable;

/**
 * An upgraded connection: bytes both ways until one side ends. Counted in its session as long as it
 * moves something; one over which for the patience of its pool only pings and pongs have gone stays
 * open and keeps no session alive, unless pings count there. Who reads slowly makes the other side
 * stop. Used on one event loop only.
 */
final class Relay extends InFlight {
  private final Loop loop;
  private final SessionEntry<SandboxConnections> entry;
  private final NetSocket caller;
  private final NetSocket sandbox;
  private final @Nullable WebSocketFrames fromCaller;
  private final @Nullable WebSocketFrames fromSandbox;
  private final Runnable closed;
  private long saidNanos;
  private boolean quiet;
  private boolean over;

  /**
   * @param before the request that asked for it, which is over
   * @param entry entered already; this relay leaves it
   * @param pingsCount whether everything that moves keeps the session alive, as it does where the
   *     protocol is another than WebSocket
   * @param closed run once at its end
   */
  Relay(
      InFlight before,
      Loop loop,
      SessionEntry<SandboxConnections> entry,
      NetSocket caller,
      NetSocket sandbox,
      boolean pingsCount,
      Runnable closed) {
    super(before.patienceNanos(), before.load);
    this.loop = loop;
    this.entry = entry;
    this.caller = caller;
    this.sandbox = sandbox;
    this.closed = closed;
    this.fromCaller = pingsCount ? null : new WebSocketFrames();
    this.fromSandbox = pingsCount ? null : new WebSocketFrames();
  }

  void start() {
    loop.add(this);
    saidNanos = movedNanos;
    entry.upgraded();
    caller.closeHandler(closed -> end());
    sandbox.closeHandler(closed -> end());
    caller.exceptionHandler(failed -> end());
    sandbox.exceptionHandler(failed -> end());
    caller.handler(bytes -> pass(bytes, fromCaller, caller, sandbox));
    sandbox.handler(bytes -> pass(bytes, fromSandbox, sandbox, caller));
    caller.resume();
    sandbox.resume();
    if (entry.closing()) {
      end();
    }
  }

  private void pass(Buffer bytes, @Nullable WebSocketFrames frames, NetSocket from, NetSocket to) {
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
    closed.run();
    caller.close();
    sandbox.close();
  }
}
