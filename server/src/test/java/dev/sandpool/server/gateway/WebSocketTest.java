package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A WebSocket of the JDK's client and a server of Vert.x in the sandbox. */
class WebSocketTest {
  private static final int MESSAGES = 5_000;

  private GatewayBed bed;
  private Vertx sandbox;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
    sandbox = Vertx.vertx();
    HttpServer echo =
        sandbox
            .createHttpServer()
            .webSocketHandler(
                socket -> {
                  socket.textMessageHandler(text -> socket.writeTextMessage("echo " + text));
                  socket.binaryMessageHandler(socket::writeBinaryMessage);
                });
    bed.ready(echo.listen(0, "127.0.0.1").await(10, TimeUnit.SECONDS).actualPort());
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
    sandbox.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void thousandMessagesASecondBothWaysKeepTheirOrder() throws Exception {
    var heard = new InOrder(MESSAGES);
    try (HttpClient client = HttpClient.newHttpClient()) {
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .header("Authorization", "Bearer " + GatewayBed.TOKEN)
              .buildAsync(
                  URI.create(
                      "ws://127.0.0.1:" + bed.port() + GatewayBed.BASE + "/ws?identifier=abcd"),
                  heard)
              .get(20, TimeUnit.SECONDS);
      long begin = System.nanoTime();
      for (int i = 0; i < MESSAGES; i++) {
        socket.sendText(Integer.toString(i), true).get(20, TimeUnit.SECONDS);
        LockSupport.parkNanos(begin + i * 1_000_000L - System.nanoTime());
      }

      assertThat(heard.all.get(20, TimeUnit.SECONDS)).isEqualTo(MESSAGES);
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "done").get(20, TimeUnit.SECONDS);
      assertThat(heard.closed.get(20, TimeUnit.SECONDS)).isEqualTo(WebSocket.NORMAL_CLOSURE);
    }
  }

  /** Completes when all have come, each in its turn; fails at the first that has not. */
  private static final class InOrder implements WebSocket.Listener {
    final CompletableFuture<Integer> all = new CompletableFuture<>();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();
    private final int count;
    private int next;

    InOrder(int count) {
      this.count = count;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        if (!text.toString().equals("echo " + next)) {
          all.completeExceptionally(new AssertionError(text + " instead of " + next));
        }
        text.setLength(0);
        if (++next == count) {
          all.complete(next);
        }
      }
      socket.request(1);
      return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      closed.complete(status);
      return CompletableFuture.completedStage(null);
    }
  }
}
