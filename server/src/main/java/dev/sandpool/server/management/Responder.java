package dev.sandpool.server.management;

import dev.sandpool.model.Json;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Writes one answer. Made on the request's event loop; {@link #send} is called from a virtual
 * thread, and everything that touches the response goes back to the event loop.
 */
final class Responder {
  private static final Logger log = LoggerFactory.getLogger(Responder.class);

  private final HttpServerResponse response;
  private final String requestId;
  private final Context context;
  private final Object lock = new Object();
  private final List<Runnable> whenLeft = new ArrayList<>();
  private boolean left;

  Responder(HttpServerResponse response, String requestId) {
    this.response = response;
    this.requestId = requestId;
    this.context = Objects.requireNonNull(Vertx.currentContext(), "not on an event loop");
    response.closeHandler(closed -> leave());
    response.exceptionHandler(failed -> leave());
  }

  void send(Answer answer) {
    switch (answer) {
      case Answer.Whole whole -> {
        // Rendered here: a page of pools takes milliseconds, which event loops owe to others.
        JsonNode body = whole.body();
        byte[] rendered = body == null ? null : Json.MAPPER.writeValueAsBytes(body);
        context.runOnContext(now -> write(whole, rendered));
      }
      case Answer.Stream stream -> write(stream);
    }
  }

  private void write(Answer.Whole whole, byte @Nullable [] body) {
    if (response.closed()) {
      return;
    }
    head(whole);
    if (body == null) {
      response.end();
      return;
    }
    response.putHeader("content-type", "application/json; charset=utf-8");
    response.end(Buffer.buffer(body));
  }

  private void head(Answer answer) {
    response.setStatusCode(answer.status());
    response.putHeader("x-ms-request-id", requestId);
    response.putHeader("cache-control", "no-cache");
    answer.headers().forEach((name, value) -> response.putHeader(name, value));
  }

  private void write(Answer.Stream stream) {
    context.runOnContext(
        now -> {
          if (!response.closed()) {
            head(stream);
            response.putHeader("content-type", stream.contentType());
            response.setChunked(true);
            response.writeHead();
          }
        });
    try {
      stream.source().writeTo(new ChunkSink());
      context.runOnContext(now -> endStream());
    } catch (IOException | RuntimeException e) {
      // The head is out: a cut connection is the only way left to say that this is not all.
      log.debug("stream of request {} ended: {}", requestId, e.toString());
      context.runOnContext(now -> response.reset());
    }
  }

  private void endStream() {
    if (!response.closed()) {
      response.end();
    }
  }

  private void leave() {
    List<Runnable> actions;
    synchronized (lock) {
      left = true;
      actions = List.copyOf(whenLeft);
      whenLeft.clear();
    }
    actions.forEach(action -> Thread.ofVirtual().name("management-leave").start(action));
  }

  /** One chunk at a time: the next waits until the last is on the socket. */
  private final class ChunkSink implements Answer.Sink {
    @Override
    public void write(byte[] bytes) throws IOException {
      if (bytes.length == 0) {
        return;
      }
      var written = new CountDownLatch(1);
      var arrived = new AtomicBoolean();
      context.runOnContext(
          now -> {
            if (response.closed()) {
              written.countDown();
              return;
            }
            response
                .write(Buffer.buffer(bytes))
                .onComplete(
                    outcome -> {
                      arrived.set(outcome.succeeded());
                      written.countDown();
                    });
          });
      await(written);
      if (!arrived.get()) {
        throw new IOException("the caller has left");
      }
    }

    private void await(CountDownLatch written) throws IOException {
      try {
        written.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }

    @Override
    public void onLeave(Runnable action) {
      synchronized (lock) {
        if (!left) {
          whenLeft.add(action);
          return;
        }
      }
      action.run();
    }
  }
}
