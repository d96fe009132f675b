package dev.sandpool.server.management;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Gathers the bodies of requests, each on its event loop, before anybody has looked at a token:
 * each is bounded in size and in time, and what is there of all of them in memory.
 */
final class Bodies {
  private final Limits limits;
  private final AtomicLong gathered = new AtomicLong();

  /**
   * What strangers may take.
   *
   * @param bytes of one body
   * @param allBytes of all bodies that have not come to their ends
   * @param patience until a body must have come to its end
   */
  record Limits(int bytes, long allBytes, Duration patience) {
    /** 1 MiB, 64 MiB, 60 s. */
    static Limits defaults() {
      return new Limits(Management.MAX_BODY_BYTES, 64L << 20, Duration.ofSeconds(60));
    }
  }

  Bodies(Limits limits) {
    this.limits = limits;
  }

  /** Cuts that request if its body has not come to its end in time, whoever takes it. */
  void watch(HttpServerRequest request) {
    Vertx vertx = Objects.requireNonNull(Vertx.currentContext(), "not on an event loop").owner();
    long timer =
        vertx.setTimer(
            limits.patience().toMillis(),
            late -> {
              if (!request.isEnded()) {
                request.response().reset();
              }
            });
    request.response().endHandler(ended -> vertx.cancelTimer(timer));
  }

  /** Hands the body of that request over when all of it is there; never if it is refused. */
  void gather(HttpServerRequest request, Consumer<Buffer> then) {
    var one = new One(request, then);
    request.handler(one::take);
    request.endHandler(end -> one.finish());
    request.exceptionHandler(lost -> one.drop());
  }

  /**
   * One of them. As soon as it shows that there is too much it is refused, and the rest of it read
   * and dropped: a caller that was cut off would never see why.
   */
  private final class One {
    private final HttpServerRequest request;
    private final Consumer<Buffer> then;
    private Buffer body = Buffer.buffer();
    private boolean dropped;

    One(HttpServerRequest request, Consumer<Buffer> then) {
      this.request = request;
      this.then = then;
    }

    private void take(Buffer part) {
      if (dropped) {
        return;
      }
      if (body.length() + part.length() > limits.bytes()) {
        refuse(
            Dispatch.problem(
                413,
                "RequestContentTooLarge",
                "The request's body has more than " + limits.bytes() + " bytes."));
      } else if (gathered.addAndGet(part.length()) > limits.allBytes()) {
        gathered.addAndGet(-part.length());
        refuse(
            Dispatch.problem(
                    503,
                    "ServerBusy",
                    "Bodies of requests that are being received have together as many bytes as they"
                        + " may have: "
                        + limits.allBytes()
                        + ".")
                .with("Retry-After", "1"));
      } else {
        body.appendBuffer(part);
      }
    }

    private void refuse(Answer answer) {
      drop();
      new Responder(request.response(), UUID.randomUUID().toString()).send(answer);
    }

    private void drop() {
      dropped = true;
      gathered.addAndGet(-body.length());
      body = Buffer.buffer();
    }

    private void finish() {
      if (!dropped) {
        Buffer whole = body;
        drop();
        then.accept(whole);
      }
    }
  }
}
