package dev.sandpool.server.gateway;

import dev.sandpool.server.session.SessionEntry;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;

/**
 * An upgraded connection: bytes both ways until one side ends. Counted in its session until then.
 * Who reads slowly makes the other side stop. Used on one event loop only.
 */
final class Relay extends InFlight {
  private final Loop loop;
  private final SessionEntry<SandboxConnections> entry;
  private final NetSocket caller;
  private final NetSocket sandbox;
  private boolean over;

  /**
   * @param entry entered already; this relay leaves it
   * @param patienceNanos how long neither side may send anything
   */
  Relay(
      Loop loop,
      SessionEntry<SandboxConnections> entry,
      NetSocket caller,
      NetSocket sandbox,
      long patienceNanos) {
    super(patienceNanos);
    this.loop = loop;
    this.entry = entry;
    this.caller = caller;
    this.sandbox = sandbox;
  }

  void start() {
    loop.add(this);
    caller.closeHandler(closed -> end());
    sandbox.closeHandler(closed -> end());
    caller.exceptionHandler(failed -> end());
    sandbox.exceptionHandler(failed -> end());
    caller.handler(bytes -> pass(bytes, caller, sandbox));
    sandbox.handler(bytes -> pass(bytes, sandbox, caller));
    caller.resume();
    sandbox.resume();
    if (entry.closing()) {
      end();
    }
  }

  private void pass(Buffer bytes, NetSocket from, NetSocket to) {
    long now = loop.time().nanos();
    movedNanos = now;
    entry.touch(now);
    to.write(bytes);
    if (to.writeQueueFull()) {
      from.pause();
      to.drainHandler(drained -> from.resume());
    }
  }

  @Override
  boolean mayStall() {
    return true;
  }

  @Override
  void stalled() {
    end();
  }

  private void end() {
    if (over) {
      return;
    }
    over = true;
    loop.remove(this);
    entry.leave(loop.time().nanos());
    caller.close();
    sandbox.close();
  }
}
