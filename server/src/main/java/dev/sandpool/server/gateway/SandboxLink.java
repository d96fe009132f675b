package dev.sandpool.server.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * What one exchange sends its request on and hears its answer from: a connection of HTTP/1.1 or a
 * stream of HTTP/2. Used on its event loop only.
 */
sealed interface SandboxLink permits SandboxConnection, SandboxStream {
  /** The exchange that has the link. */
  interface Listener {
    /** An interim answer, 100 to 199 without 101. */
    void informational(HttpResponse head);

    /** The head of the answer. */
    void head(HttpResponse head);

    /** Bytes of the body; to be released by the listener. */
    void body(ByteBuf bytes);

    /** The answer is complete; the last bytes are to be released by the listener. */
    void end(ByteBuf last, HttpHeaders trailers);

    /** What had arrived has been handed over. */
    void readComplete();

    /** The sandbox takes bytes again. */
    void writable();

    /** The sandbox does not speak HTTP; the link is being closed. */
    void malformed(Throwable cause);

    /** The link is gone before the answer was complete. */
    void closed();

    /** The sandbox wants no more of this stream: its answer will not be complete. */
    void cancelled();
  }

  /**
   * Takes the link for an exchange.
   *
   * @param headOnly whether the answer has no body whatever its head says
   */
  void attach(Listener exchange, boolean headOnly);

  /** The exchange is over: the link is kept for another if it may be, or closed. */
  void detach(boolean reusable);

  /** Nobody wants it after all, and nothing has been sent on it. */
  void unused();

  /**
   * Writes the head of a request.
   *
   * @param scratch where text is put together
   * @param whole whether no body follows
   */
  void writeHead(HeadBuffer scratch, PoolRequest incoming, boolean whole);

  /** Writes bytes of a body, in a chunk of their own if it is chunked. */
  void writeBody(ByteBuf bytes, boolean chunked);

  /** Writes the end of a body, with the trailers that may pass. */
  void writeEnd(boolean chunked, @Nullable HttpHeaders trailers);

  /** Whether the sandbox takes bytes; if not, {@link Listener#writable} tells when it does. */
  boolean isWritable();

  /** The sandbox may send no more than what fits in between. */
  void pauseReads();

  /** It may go on. */
  void resumeReads();
}
