package dev.sandpool.server.gateway;

import dev.sandpool.server.time.Time;
import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request on its way to its sandbox, as it comes: through Vert.x at first, past it as
 * soon as that holds nothing back. A sandbox that takes nothing makes the caller stop, and the time
 * in which it does is not the caller's. Used on one event loop only.
 */
final class Upload {
  private final HttpServerRequest request;
  private final RequestHeaders headers;
  private final SandboxLink to;
  private final Watcher watcher;
  private final Time time;
  private @Nullable RequestBody direct;
  private long received;
  private long sent;
  private long sinceNanos;
  private long pausedNanos;
  private boolean paused;
  private boolean over;

  /** Who is told how far it is. */
  interface Watcher {
    /** That many bytes go to the sandbox now. */
    void moved(int bytes);

    /** All have gone, and its end goes now. */
    void sent();
  }

  Upload(
      HttpServerRequest request,
      RequestHeaders headers,
      SandboxLink to,
      Watcher watcher,
      Time time) {
    this.time = time;
    this.request = request;
    this.headers = headers;
    this.to = to;
    this.watcher = watcher;
  }

  /** The head has been sent. */
  void begin() {
    sinceNanos = time.nanos();
    request.handler(this::handedOver);
    request.endHandler(ended -> end());
    direct = headers.divert(request, received, this::send);
    request.resume();
  }

  /** What Vert.x had before the sandbox could be sent anything; what follows goes past it. */
  private void handedOver(Buffer bytes) {
    received += bytes.length();
    if (!over && direct == null) {
      direct = headers.divert(request, received, this::send);
    }
    send(((BufferInternal) bytes).getByteBuf());
  }

  private void send(ByteBuf bytes) {
    if (over) {
      bytes.release();
      return;
    }
    sent += bytes.readableBytes();
    watcher.moved(bytes.readableBytes());
    to.writeBody(bytes, headers.chunked());
    if (!to.isWritable()) {
      pause();
    }
  }

  private void end() {
    if (over) {
      return;
    }
    watcher.sent();
    boolean chunked = headers.chunked();
    to.writeEnd(chunked, chunked ? headers.trailers(request) : null);
  }

  /**
   * Whether so much less has come, after that time, that it would not have been worth to wait. One
   * that did not say its length is a stream, which has something to say whenever it has.
   */
  boolean isSlowerThan(long bytesPerSecond, long nowNanos, long afterNanos) {
    long took = nowNanos - sinceNanos;
    return !paused
        && !headers.chunked()
        && took >= afterNanos
        && sent < bytesPerSecond * TimeUnit.NANOSECONDS.toSeconds(took);
  }

  private void pause() {
    if (!paused) {
      paused = true;
      pausedNanos = time.nanos();
    }
    RequestBody past = direct;
    if (past != null) {
      past.pause();
    } else {
      request.pause();
    }
  }

  /** The sandbox takes bytes again. */
  void resume() {
    if (paused) {
      paused = false;
      sinceNanos += time.nanos() - pausedNanos;
    }
    RequestBody past = direct;
    if (past != null) {
      past.resume();
    } else {
      request.resume();
    }
  }

  /** Nothing more is sent: whatever still comes is dropped. */
  void leave() {
    over = true;
    RequestBody past = direct;
    direct = null;
    if (past != null) {
      past.leave();
    }
  }
}
