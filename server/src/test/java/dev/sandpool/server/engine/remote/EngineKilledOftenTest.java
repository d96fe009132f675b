package dev.sandpool.server.engine.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An engine that is killed while it answers, again and again, fails no start that it can make yet.
 */
class EngineKilledOftenTest {
  @TempDir Path folder = Path.of("/nonexistent");

  /** Ends that many calls without an answer, and answers those after them. */
  private AtomicInteger serve(ServerSocketChannel server, int cut) {
    var calls = new AtomicInteger();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                while (true) {
                  try (SocketChannel connection = server.accept()) {
                    if (calls.incrementAndGet() > cut) {
                      new Lines(connection).next(Object.class);
                      connection.write(
                          ByteBuffer.wrap("{\"value\":42}\n".getBytes(StandardCharsets.UTF_8)));
                    }
                  }
                }
              } catch (IOException e) {
                // The test is over.
              }
            });
    return calls;
  }

  private ServerSocketChannel open() throws IOException {
    var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(folder.resolve("engine")));
    return server;
  }

  @Test
  void aCallIsMadeAnewUntilItIsAnswered() throws Exception {
    try (ServerSocketChannel server = open()) {
      AtomicInteger calls = serve(server, 5);

      Answer answer =
          new EngineClient(folder.resolve("engine"), Duration.ofMinutes(1)).call(new Call.Info());

      assertThat(String.valueOf(answer.value())).isEqualTo("42");
      assertThat(calls).hasValue(6);
    }
  }

  @Test
  void oneThatNeverAnswersIsGivenUp() throws Exception {
    try (ServerSocketChannel server = open()) {
      AtomicInteger calls = serve(server, Integer.MAX_VALUE);
      var client = new EngineClient(folder.resolve("engine"), Duration.ofMillis(300));

      assertThatThrownBy(() -> client.call(new Call.Info())).isInstanceOf(IOException.class);

      assertThat(calls).hasValueGreaterThan(1);
    }
  }
}
