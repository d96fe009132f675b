package dev.sandpool.server.gateway;

import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.buffer.BufferInternal;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request on its way to its sandbox, as it comes: through Vert.x at first, past it as
 * soon as that holds nothing back. A sandbox that takes nothing makes the caller stop. Used on one
 * event loop only.
 */
final class Upload {
  private final HttpServerRequest request;
  private final RequestHeaders headers;
  private final SandboxLink to;
  private final Watcher watcher;
  private @Nullable RequestBody direct;
  private long received;
  private boolean over;

  /** Who is told how far it is. */
  interface Watcher {
    /** That many bytes go to the sandbox now. */
    void moved(int bytes);

    /** All have gone, and its end goes now. */
    void sent();
  }

  Upload(HttpServerRequest request, RequestHeaders headers, SandboxLink to, Watcher watcher) {
    this.request = request;
    this.headers = headers;
    this.to = to;
    this.watcher = watcher;
  }

  /** The head has been sent. */
  void begin() {
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

  private void pause() {
    RequestBody past = direct;
    if (past != null) {
      past.pause();
    } else {
      request.pause();
    }
  }

  /** The sandbox takes bytes again. */
  void resume() {
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
