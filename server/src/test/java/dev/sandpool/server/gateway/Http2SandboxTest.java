package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sandboxes that are spoken to in HTTP/2; the server in them is Vert.x's. */
@SuppressWarnings("StringConcatToTextBlock")
class Http2SandboxTest {
  private static final long FLOOD = 128L << 20;
  private static final long STALLED_BELOW = 48L << 20;

  private final AtomicLong moved = new AtomicLong();
  private final CountDownLatch go = new CountDownLatch(1);
  private GatewayBed bed;
  private Vertx sandbox;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
    bed.options(new PoolRoute.Options(null, false, true, null));
    sandbox = Vertx.vertx();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
    sandbox.close().await(10, TimeUnit.SECONDS);
  }

  private void serve() {
    HttpServer server = sandbox.createHttpServer().requestHandler(this::answer);
    bed.ready(server.listen(0, "127.0.0.1").await().actualPort());
  }

  private void answer(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    if ("/flood".equals(request.path())) {
      flood(response, Buffer.buffer(new byte[1 << 16]));
    } else if ("/interim".equals(request.path())) {
      for (int i = 0; i < 10_100; i++) {
        response.writeContinue();
      }
    } else {
      request
          .body()
          .onSuccess(
              body ->
                  response
                      .putHeader("x-seen", request.version() + " " + request.uri())
                      .putHeader("x-host", String.valueOf(request.authority()))
                      .putHeader("x-auth", String.valueOf(request.getHeader("authorization")))
                      .putHeader("x-for", request.getHeader("x-forwarded-for"))
                      .end(request.method() + " " + body));
    }
  }

  private void flood(HttpServerResponse response, Buffer block) {
    while (moved.get() < FLOOD && !response.writeQueueFull()) {
      response.write(block);
      moved.addAndGet(block.length());
    }
    if (moved.get() < FLOOD) {
      response.drainHandler(drained -> flood(response, block));
    } else {
      response.end();
    }
  }

  @Test
  void callerOfHttp1IsForwarded() throws Exception {
    serve();
    RawCaller caller = bed.call();

    RawCaller.Answer got =
        caller
            .send(GatewayBed.request("GET", "/a%2Fb?identifier=abcd", "X-Real-IP: 6.6.6.6\r\n"))
            .receive();
    RawCaller.Answer posted =
        caller
            .send(
                GatewayBed.request("POST", "/?identifier=abcd", "Transfer-Encoding: chunked\r\n")
                    + "5\r\nhello\r\n0\r\n\r\n")
            .receive();
    RawCaller.Answer put =
        caller
            .send(GatewayBed.request("PUT", "/?identifier=abcd", "Content-Length: 3\r\n") + "abc")
            .receive();
    RawCaller.Answer head =
        caller.send(GatewayBed.request("HEAD", "/?identifier=abcd", "")).receive(true);

    assertThat(got.body()).isEqualTo("GET ");
    assertThat(got.header("x-seen")).containsExactly("HTTP_2 /a%2Fb?identifier=abcd");
    assertThat(got.header("x-host")).containsExactly("gw.test");
    assertThat(got.header("x-auth")).containsExactly("null");
    assertThat(got.header("x-for")).containsExactly("127.0.0.1");
    assertThat(posted.body()).isEqualTo("POST hello");
    assertThat(put.body()).isEqualTo("PUT abc");
    assertThat(head.status()).isEqualTo(200);
  }

  /** Written by hand, as no server of Vert.x would. */
  @Test
  void hintsAndTrailersPassBothWaysBetweenHttp1AndHttp2() throws Exception {
    var heard = new AtomicReference<Http2Headers>();
    bed.sandbox(
        (request, from, out) -> {
          var in = new DataInputStream(from);
          var decoder = new DefaultHttp2HeadersDecoder();
          in.skipNBytes(6);
          out.write(Http2Frames.more().frame(Http2Frames.SETTINGS, 0, 0).bytes());
          Http2Frames.Frame frame = Http2Frames.read(in);
          while (frame.type() != Http2Frames.HEADERS
              || (frame.flags() & Http2Frames.END_STREAM) == 0) {
            if (frame.type() == Http2Frames.HEADERS) {
              decoder.decodeHeaders(frame.stream(), Unpooled.wrappedBuffer(frame.payload()));
            }
            frame = Http2Frames.read(in);
          }
          heard.set(decoder.decodeHeaders(frame.stream(), Unpooled.wrappedBuffer(frame.payload())));
          int head = Http2Frames.END_HEADERS;
          int stream = frame.stream();
          out.write(
              Http2Frames.more()
                  .frame(
                      Http2Frames.HEADERS,
                      head,
                      stream,
                      Http2Frames.fields(":status", "103", "link", "</a>"))
                  .frame(Http2Frames.HEADERS, head, stream, Http2Frames.fields(":status", "200"))
                  .frame(Http2Frames.DATA, 0, stream, (byte) 'x')
                  .frame(
                      Http2Frames.HEADERS,
                      head | Http2Frames.END_STREAM,
                      stream,
                      Http2Frames.fields("x-sum", "42"))
                  .bytes());
        });
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request("POST", "/?identifier=abcd", "Transfer-Encoding: chunked\r\n")
                    + "2\r\nhi\r\n0\r\nX-Sent: 7\r\n\r\n");

    RawCaller.Answer hints = caller.receive();
    RawCaller.Answer answer = caller.receive();

    assertThat(hints.status()).isEqualTo(103);
    assertThat(hints.header("link")).containsExactly("</a>");
    assertThat(answer.body()).isEqualTo("x");
    assertThat(answer.trailers()).containsExactly("x-sum: 42");
    assertThat(heard.get().get("x-sent")).hasToString("7");
  }

  @Test
  void slowCallerMakesTheStreamStop() throws Exception {
    serve();
    RawCaller slow = bed.call().send(GatewayBed.request("GET", "/flood?identifier=abcd", ""));
    StubSandbox.readHead(slow.in());
    AtomicLong last = new AtomicLong(-1);
    await()
        .pollInterval(Duration.ofMillis(500))
        .atMost(Duration.ofSeconds(30))
        .until(() -> moved.get() > 0 && last.getAndSet(moved.get()) == moved.get());

    assertThat(moved.get()).isLessThan(STALLED_BELOW);
    // Its connection's other streams are not held up by it; callers come to each loop in turn.
    for (int i = 0; i < 2; i++) {
      assertThat(bed.get("/?identifier=abcd").body()).isEqualTo("GET ");
    }

    long read = 0;
    String chunk = slow.readChunk();
    while (!chunk.isEmpty()) {
      read += chunk.length();
      chunk = slow.readChunk();
    }
    assertThat(read).isEqualTo(FLOOD);
  }

  /**
   * In gRPC a deadline that has passed at the server first; other codes would say more than that.
   */
  @ParameterizedTest
  @CsvSource({"/before, 8, 8", "/after, 8, 8", "/after, 7, 2", "/after, 0, 2"})
  void streamThatTheSandboxCancelsIsCancelledAtItsCaller(String path, byte code, int heard)
      throws Exception {
    bed.sandbox(
        (request, from, out) -> {
          var in = new DataInputStream(from);
          in.skipNBytes(6);
          Http2Frames answer = Http2Frames.more().frame(Http2Frames.SETTINGS, 0, 0);
          Http2Frames.Frame frame = Http2Frames.read(in);
          while (frame.type() != Http2Frames.HEADERS) {
            frame = Http2Frames.read(in);
          }
          int stream = frame.stream();
          if (path.equals("/after")) {
            answer.frame(
                Http2Frames.HEADERS,
                Http2Frames.END_HEADERS,
                stream,
                Http2Frames.fields(":status", "200"));
            answer.frame(Http2Frames.DATA, 0, stream, (byte) 'x');
          }
          out.write(answer.bytes());
          out.flush();
          go.await();
          byte[] reset = {0, 0, 0, code};
          out.write(Http2Frames.more().frame(Http2Frames.RST_STREAM, 0, stream, reset).bytes());
          out.flush();
          in.transferTo(OutputStream.nullOutputStream());
        });
    RawCaller caller = bed.call();
    byte[] call =
        Http2Frames.begin()
            .frame(
                Http2Frames.HEADERS,
                Http2Frames.END_HEADERS | Http2Frames.END_STREAM,
                1,
                Http2Frames.block(
                    "POST", path + "?identifier=abcd", "content-type", "application/grpc"))
            .bytes();
    caller.socket().getOutputStream().write(call);
    var in = new DataInputStream(caller.in());
    if (path.equals("/after")) {
      read(in, Http2Frames.DATA);
    }
    go.countDown();

    assertThat(read(in, Http2Frames.RST_STREAM).number(0)).isEqualTo(heard);
    await().until(() -> Objects.requireNonNull(bed.session("abcd")).inFlight() == 0);
  }

  private static Http2Frames.Frame read(DataInputStream in, int type) throws IOException {
    Http2Frames.Frame frame = Http2Frames.read(in);
    while (frame.type() != type) {
      frame = Http2Frames.read(in);
    }
    return frame;
  }

  @Test
  void interimAnswersWithoutEndAreNotWaitedFor() throws Exception {
    serve();

    RawCaller.Answer answer = bed.get("/interim?identifier=abcd");

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.header("x-ms-error-code")).containsExactly("InvalidSandboxResponse");
  }

  @Test
  void sandboxThatSpeaksNoHttp2IsSaid() throws Exception {
    bed.sandbox("only HTTP/1.1 here");

    RawCaller.Answer answer = bed.get("/?identifier=abcd");

    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.header("x-ms-error-code")).containsExactly("InvalidSandboxResponse");
  }

  @Test
  void upgradesAreAskedForInHttp1() throws Exception {
    StubSandbox stub =
        bed.sandbox(
            (request, in, out) ->
                StubSandbox.write(
                    out, "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"));

    RawCaller.Answer answer =
        bed.call()
            .send(
                GatewayBed.request(
                    "GET", "/?identifier=abcd", "Connection: Upgrade\r\nUpgrade: x\r\n"))
            .receive();

    assertThat(answer.status()).isEqualTo(101);
    assertThat(stub.requests.element().line()).endsWith("HTTP/1.1");
  }
}
