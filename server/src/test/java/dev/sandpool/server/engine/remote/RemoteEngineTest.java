package dev.sandpool.server.engine.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsolePosition;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxEngine;
import dev.sandpool.server.engine.SandboxEngineContract;
import dev.sandpool.server.engine.SandboxStopException;
import dev.sandpool.server.engine.SimulatedEngine;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.engine.remote.RemoteEngine.Patience;
import dev.sandpool.server.image.ImageRoots;
import dev.sandpool.server.image.StoredImage.ImageConfig;
import dev.sandpool.server.image.UnpackException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** An engine behind its socket keeps the contract of one that is not. */
class RemoteEngineTest extends SandboxEngineContract {
  private static final Patience PATIENCE =
      new Patience(Duration.ofSeconds(10), Duration.ofSeconds(10));
  private static final String BOMB = "sha256:" + "b".repeat(64);

  @TempDir Path folder = Path.of("/nonexistent");

  private final SimulatedHost host =
      new SimulatedHost()
          .image(List.of("/app/print"), List.of("from-image"), Map.of("GREETING", "image"))
          .images(Set.of(IMAGE))
          .serveWith(
              exchange -> {
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
              });
  private final AtomicReference<EngineHost> door = new AtomicReference<>();
  private SandboxEngine behind = new SimulatedEngine(host);

  /** Roots in which one image is too large. */
  private static final class Roots implements ImageRoots {
    @Override
    public long unpack(UUID work, String digest, ImageConfig config) throws UnpackException {
      if (digest.equals(BOMB)) {
        throw new UnpackException(4711, false, "no space left on device");
      }
      return 42;
    }

    @Override
    public Set<String> digests() {
      return Set.of(IMAGE);
    }

    @Override
    public void remove(String digest) throws IOException {
      throw new IOException("busy");
    }
  }

  private Path socket() {
    return folder.resolve("engine");
  }

  private void openDoor() throws IOException {
    behind = new SimulatedEngine(host);
    int me = (int) Files.getAttribute(folder, "unix:uid");
    door.set(EngineHost.open(socket(), me, behind, new Roots()));
  }

  private void shutDoor() throws IOException {
    door.get().close();
    behind.close();
  }

  @Override
  protected SandboxEngine open() throws Exception {
    if (door.get() == null) {
      openDoor();
    }
    return RemoteEngine.connect(socket(), PATIENCE);
  }

  @Override
  protected void end(RunningSandbox sandbox, int exitCode) {
    host.exit(sandbox.id(), exitCode, false);
  }

  /** After the kit has stopped through it what it has started. */
  @RegisterExtension
  final AfterEachCallback unplug =
      context -> {
        shutDoor();
        host.close();
      };

  @Test
  void aCallThatMeetsAnEngineThatIsStartedAgainIsAnswered() throws Exception {
    shutDoor();
    Thread again =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    openDoor();
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });
    assertThat(engine.running()).isEmpty();
    again.join();
  }

  @Test
  void eventsAreHeardOfAnEngineThatWasStartedAgain() throws Exception {
    var heard = new AtomicReference<@Nullable Object>();
    try (RemoteEngine listening = RemoteEngine.connect(socket(), PATIENCE)) {
      listening.listen(heard::set);
      await().until(() -> heard.get() != null);
      shutDoor();
      heard.set(null);
      openDoor();
      await().until(() -> heard.get() != null);
    }
  }

  @Test
  void aListenerThatFailedHearsOfItAgain() throws Exception {
    var heard = new AtomicInteger();
    try (RemoteEngine listening = RemoteEngine.connect(socket(), PATIENCE)) {
      listening.listen(
          event -> {
            if (heard.incrementAndGet() == 1) {
              throw new IllegalStateException("nobody thought of that");
            }
          });
      await().until(() -> heard.get() > 1);
    }
  }

  @Test
  void anEngineThatStaysAwayIsNamed() throws Exception {
    Path nowhere = folder.resolve("nowhere");
    assertThatThrownBy(
            () ->
                RemoteEngine.connect(
                    nowhere, new Patience(Duration.ofMillis(100), PATIENCE.restart())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the engine does not answer at " + nowhere);
  }

  @Test
  void whyAnImageCannotBeUnpackedIsToldInFull() {
    var roots = (RemoteEngine) engine;
    var config = new ImageConfig(List.of("/app"), List.of(), List.of(), null, "/", "amd64");
    assertThatThrownBy(() -> roots.unpack(UUID.randomUUID(), BOMB, config))
        .isInstanceOfSatisfying(
            UnpackException.class,
            e -> {
              assertThat(e.getMessage()).isEqualTo("no space left on device");
              assertThat(e.boundBytes()).isEqualTo(4711);
              assertThat(e.boundByDisk()).isFalse();
            });
    assertThatThrownBy(() -> roots.remove(IMAGE)).hasMessageContaining("busy");
  }

  @Test
  void aFailureKeepsItsKind() {
    host.failStops(1);
    SandboxId id = new SandboxId("aaaaaaaa");
    assertThatThrownBy(() -> engine.stop(id, Duration.ZERO))
        .isInstanceOf(SandboxStopException.class)
        .hasMessageContaining("does not let");
  }

  @Test
  void moreConsolesAtOnceThanFitIntoMemoryAreRefused() throws Exception {
    var position = ConsolePosition.start(new SandboxId("abcdefgh"));
    var call = new Call.ReadConsoles(Collections.nCopies(65, position), 1 << 20);
    try (SocketChannel greedy = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
      Lines.write(greedy, call);
      Answer answer = new Lines(greedy).next(Answer.class);
      assertThat(Objects.requireNonNull(answer.failure()).message())
          .isEqualTo("65 consoles at once, at most 64");
    }
  }

  @Test
  void whatIsNoCallChangesNothingAndHurtsNobody() throws Exception {
    for (String nonsense :
        List.of(
            "",
            "\n",
            "{\"call\":\"start\",\"spec\":{\"id\":{\"value\":\"../../etc\"}}}\n",
            "{\"call\":\"unpack\",\"work\":\"../..\",\"digest\":\"x\"}\n",
            "{\"call\":\"format\"}\n",
            "x".repeat(5 << 20))) {
      try (SocketChannel rude = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
        rude.write(ByteBuffer.wrap(nonsense.getBytes(StandardCharsets.UTF_8)));
      } catch (IOException closed) {
        assertThat(closed).as("it may be hung up on").isNotNull();
      }
    }
    assertThat(engine.running()).isEmpty();
    assertThat(engine.info().name()).isEqualTo("simulated");
  }
}
