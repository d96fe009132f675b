package dev.sandpool.e2e.image;

import static dev.sandpool.e2e.image.ImageStoreKit.assertNothingHalfMade;
import static dev.sandpool.e2e.image.ImageStoreKit.content;
import static dev.sandpool.e2e.image.ImageStoreKit.login;
import static dev.sandpool.e2e.image.ImageStoreKit.open;
import static dev.sandpool.e2e.image.ImageStoreKit.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sandpool.e2e.TestRegistry;
import dev.sandpool.e2e.TinyImage;
import dev.sandpool.server.image.ImageException;
import dev.sandpool.server.image.ImageException.Cause;
import dev.sandpool.server.image.ImageStore.Progress;
import dev.sandpool.server.image.PullRequest;
import dev.sandpool.server.image.SkopeoImageStore;
import dev.sandpool.server.image.StoredImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImagePullIT {
  private Path shared;

  private TestRegistry registry;
  private String one;
  private String two;
  private Path directory;
  private SkopeoImageStore store;

  @BeforeAll
  void startRegistry(@TempDir Path forAll) throws Exception {
    shared = forAll;
    registry = new TestRegistry(shared.resolve("registry"));
    one = TinyImage.make(shared, "one", 1);
    two = TinyImage.make(shared, "two", 0);
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

  @Test
  void aPulledImageIsWhatWasPushed() throws Exception {
    String name = registry.push(one, "team/app:1");

    StoredImage image = store.pull(request(registry, name), Progress.none());

    assertThat(content(directory, image)).isEqualTo("one");
    assertThat(image.names()).containsExactly(name);
    assertThat(image.config().entrypoint()).containsExactly("/bin/app");
    assertThat(image.config().cmd()).containsExactly("serve");
    assertThat(image.config().env()).contains("COLOUR=blue");
    assertThat(image.config().user()).isEqualTo("1000:1000");
    assertThat(image.config().workingDir()).isEqualTo("/bin");
    assertThat(image.sizeBytes()).isGreaterThan(1 << 20);
    assertThat(store.find(image.digest())).contains(image);
    assertThat(open(directory).list()).containsExactly(image);
    assertNothingHalfMade(directory);
  }

  @Test
  void aPinnedImageThatIsHereNeedsNoRegistry() throws Exception {
    String name = registry.push(one, "pinned:1");
    StoredImage image = store.pull(request(registry, name), Progress.none());
    registry.stop();
    try {
      var pinned = new PullRequest(name, image.digest(), login(registry));
      assertThat(store.pull(pinned, Progress.none())).isEqualTo(image);
    } finally {
      registry.restart();
    }
  }

  @Test
  void aPinnedImageIsBroughtAlthoughItsTagHasMoved() throws Exception {
    String name = registry.push(one, "moved:1");
    String digest = store.pull(request(registry, name), Progress.none()).digest();
    registry.push(two, "moved:1");

    StoredImage moved = store.pull(request(registry, name), Progress.none());
    assertThat(content(directory, moved)).isEqualTo("two");
    assertThat(store.find(digest).orElseThrow().names()).isEmpty();

    assertThat(store.remove(digest, Set.of(moved.digest()))).isTrue();
    var pinned = new PullRequest(name, digest, login(registry));
    assertThat(content(directory, store.pull(pinned, Progress.none()))).isEqualTo("one");
  }

  @Test
  void twoPullsOfOneImageBringItOnce() throws Exception {
    String name = registry.push(one, "crowd:1");
    Queue<String> steps = new ConcurrentLinkedQueue<>();
    Callable<StoredImage> pull = () -> store.pull(request(registry, name), steps::add);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<StoredImage>> all = threads.invokeAll(List.of(pull, pull, pull));
      for (Future<StoredImage> each : all) {
        assertThat(content(directory, each.get())).isEqualTo("one");
      }
    }
    assertThat(steps).filteredOn(step -> step.equals("unpacking")).hasSize(1);
    assertThat(steps).filteredOn(step -> step.startsWith("pulling")).hasSize(1);
  }

  @Test
  void aDockerImageKeepsTheDigestOfItsRegistry() throws Exception {
    String name = registry.push(one, "docker:1", "--format", "v2s2");

    StoredImage image = store.pull(request(registry, name), Progress.none());

    assertThat(content(directory, image)).isEqualTo("one");
    assertThat(image.config().entrypoint()).containsExactly("/bin/app");
    String byDigest = registry.address() + "/docker@" + image.digest();
    assertThat(store.pull(request(registry, byDigest), Progress.none()).digest())
        .isEqualTo(image.digest());
  }

  @Test
  void layersThatAreHereAreNotBroughtAgain() throws Exception {
    String name = registry.push(one, "layers:1");
    StoredImage first = store.pull(request(registry, name), Progress.none());
    String changed = TinyImage.relabel(one, "release", "2");
    registry.push(changed, "layers:1");
    Queue<String> steps = new ConcurrentLinkedQueue<>();

    StoredImage second = store.pull(request(registry, name), steps::add);

    assertThat(second.digest()).isNotEqualTo(first.digest());
    assertThat(content(directory, second)).isEqualTo("one");
    assertThat(steps).contains("pulling 0 MB");
  }

  @Test
  void aRemovedImageGivesItsRoomBack() throws Exception {
    String name = registry.push(one, "removed:1");
    StoredImage image = store.pull(request(registry, name), Progress.none());

    assertThatThrownBy(() -> store.remove(name, Set.of(image.digest())))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.kind()).isEqualTo(Cause.IN_USE));
    assertThat(store.find(image.digest())).isPresent();
    assertThat(store.remove(name, Set.of())).isTrue();
    assertThat(store.remove(name, Set.of())).isFalse();
    assertThat(store.list()).isEmpty();
    ImageStoreKit.assertEmpty(directory);
  }

  @Test
  void sweepingRemovesWhatAKilledServerLeft() throws Exception {
    Files.createDirectories(directory.resolve("tmp/dead/rootfs/etc"));
    Files.writeString(directory.resolve("tmp/dead/rootfs/etc/half"), "x");
    Files.writeString(directory.resolve("blobs/sha256/" + "f".repeat(64)), "x");

    open(directory).sweep();

    ImageStoreKit.assertEmpty(directory);
  }
}
