package dev.sandpool.e2e.image;

import static dev.sandpool.e2e.image.ImageStoreKit.assertEmpty;
import static dev.sandpool.e2e.image.ImageStoreKit.assertFails;
import static dev.sandpool.e2e.image.ImageStoreKit.content;
import static dev.sandpool.e2e.image.ImageStoreKit.open;
import static dev.sandpool.e2e.image.ImageStoreKit.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.e2e.Ports;
import dev.sandpool.e2e.Shell;
import dev.sandpool.e2e.TestRegistry;
import dev.sandpool.e2e.TinyImage;
import dev.sandpool.server.image.ImageException;
import dev.sandpool.server.image.ImageException.Cause;
import dev.sandpool.server.image.ImageStore.Progress;
import dev.sandpool.server.image.PullRequest;
import dev.sandpool.server.image.PullRequest.RegistryLogin;
import dev.sandpool.server.image.SkopeoImageStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageFailureIT {
  private Path shared;

  private TestRegistry registry;
  private Path directory;
  private SkopeoImageStore store;

  @BeforeAll
  void startRegistry(@TempDir Path forAll) throws Exception {
    shared = forAll;
    registry = new TestRegistry(shared.resolve("registry"));
    registry.push(TinyImage.make(shared, "ok", 20), "app:1");
    registry.push(TinyImage.make(shared, "arm", 0, "--architecture", "arm64"), "arm:1");
  }

  @AfterAll
  void stopRegistry() throws Exception {
    registry.close();
  }

  @BeforeEach
  void openStore(@TempDir Path fresh) throws Exception {
    directory = fresh.resolve("images");
    store = open(directory);
  }

  private String name(String image) {
    return registry.address() + "/" + image;
  }

  @Test
  void wrongOrMissingCredentials() throws Exception {
    var wrong = new RegistryLogin(registry.address(), TestRegistry.USER, "wrong-password");
    assertFails(store, directory, new PullRequest(name("app:1"), null, wrong), Cause.UNAUTHORIZED);
    assertFails(store, directory, new PullRequest(name("app:1"), null, null), Cause.UNAUTHORIZED);
    assertEmpty(directory);
  }

  @Test
  void credentialsOfAnotherServerAreNotSent() throws Exception {
    var other = new RegistryLogin("other.example", TestRegistry.USER, TestRegistry.PASSWORD);
    assertFails(store, directory, new PullRequest(name("app:1"), null, other), Cause.UNAUTHORIZED);
  }

  @Test
  void missingImageAndMissingTag() throws Exception {
    assertFails(store, directory, request(registry, name("nothing:1")), Cause.NOT_FOUND);
    assertFails(store, directory, request(registry, name("app:nothing")), Cause.NOT_FOUND);
    String digest = "sha256:" + "0".repeat(64);
    assertFails(store, directory, request(registry, name("app@" + digest)), Cause.NOT_FOUND);
    assertFails(store, directory, request(registry, "No Reference"), Cause.NOT_FOUND);
  }

  @Test
  void nobodyListensThere() throws Exception {
    String image = "127.0.0.1:" + Ports.free() + "/app:1";
    assertFails(store, directory, new PullRequest(image, null, null), Cause.REGISTRY_UNREACHABLE);
  }

  @Test
  void theRegistryWentDown() throws Exception {
    registry.stop();
    try {
      assertFails(store, directory, request(registry, name("app:1")), Cause.REGISTRY_UNREACHABLE);
    } finally {
      registry.restart();
    }
    assertThat(content(directory, store.pull(request(registry, name("app:1")), Progress.none())))
        .isEqualTo("ok");
  }

  @Test
  void whatAnswersThereIsNoRegistry() throws Exception {
    for (String status : new String[] {"200 OK", "404 Not Found", "500 Oh"}) {
      try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
        Thread.ofVirtual().start(() -> answerAlways(server, status));
        String image = "127.0.0.1:" + server.getLocalPort() + "/app:1";
        assertFails(
            store, directory, new PullRequest(image, null, null), Cause.REGISTRY_UNREACHABLE);
      }
    }
  }

  /** Says the same to everything, also to a TLS hello, until it is closed. */
  private static void answerAlways(ServerSocket server, String status) {
    String text = "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: 6\r\n\r\n<html>";
    try {
      while (true) {
        try (Socket socket = server.accept()) {
          int read = socket.getInputStream().read(new byte[8192]);
          assertThat(read).isPositive();
          socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        }
      }
    } catch (IOException closed) {
      return;
    }
  }

  @Test
  void aManifestOfSomethingElse() throws Exception {
    String layout = TinyImage.make(shared, "chart", 0);
    registry.push(
        TinyImage.asArtifact(layout, "application/vnd.cncf.helm.config.v1+json"), "chart:1");
    assertFails(store, directory, request(registry, name("chart:1")), Cause.NOT_AN_IMAGE);
    assertEmpty(directory);
  }

  @Test
  void anotherMachinesImageIsRefusedBeforeItsLayersCome() throws Exception {
    assertFails(store, directory, request(registry, name("arm:1")), Cause.WRONG_ARCHITECTURE);
    assertEmpty(directory);
  }

  @Test
  void anInterruptedPullLeavesNothing() throws Exception {
    for (String step : new String[] {"pulling", "unpacking"}) {
      CountDownLatch reached = new CountDownLatch(1);
      AtomicReference<@Nullable ImageException> thrown = new AtomicReference<>();
      Thread puller =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      store.pull(
                          request(registry, name("app:1")),
                          told -> {
                            if (told.startsWith(step)) {
                              reached.countDown();
                              Thread.currentThread().interrupt();
                            }
                          });
                    } catch (ImageException e) {
                      thrown.set(e);
                    }
                  });
      reached.await();
      assertThat(puller.join(Duration.ofSeconds(30))).isTrue();
      assertThat(thrown.get()).isNotNull().hasMessageContaining("interrupted");
      assertEmpty(directory);
    }
    assertThat(content(directory, store.pull(request(registry, name("app:1")), Progress.none())))
        .isEqualTo("ok");
  }

  /** Repeated, because umoci says why it failed only sometimes. */
  @RepeatedTest(5)
  void aFullDiskWhilePullingAndWhileUnpackingIsGivenBack(@TempDir Path place) throws Exception {
    // The image is 20 MB packed and 20 MB unpacked: too small for the first, then for both.
    for (String size : new String[] {"16M", "32M"}) {
      Path mount = Files.createDirectory(place.resolve(size));
      Shell.run(
          place, "mount", "-t", "tmpfs", "-o", "size=" + size, "test-images", mount.toString());
      try {
        Path full = mount.resolve("images");
        SkopeoImageStore small = open(full);
        long before = mount.toFile().getUsableSpace();
        assertFails(small, full, request(registry, name("app:1")), Cause.DISK_FULL);
        assertEmpty(full);
        assertThat(mount.toFile().getUsableSpace()).isEqualTo(before);
      } finally {
        Shell.run(place, "umount", mount.toString());
      }
    }
  }
}
