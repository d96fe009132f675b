package dev.sandpool.server.image;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** A store that has every image at once, but for those that a test breaks. */
public final class FakeImageStore implements ImageStore {
  private final Map<String, StoredImage> images = new ConcurrentHashMap<>();
  private final Queue<PullRequest> pulls = new ConcurrentLinkedQueue<>();
  private final Queue<Set<String>> collections = new ConcurrentLinkedQueue<>();
  private volatile Consumer<PullRequest> hook = request -> {};
  private final Map<String, ImageException> broken = new ConcurrentHashMap<>();

  /** Pulls of that reference fail from now on. */
  public void breakImage(String image, ImageException why) {
    broken.put(image, why);
  }

  /** Pulls of that reference succeed again. */
  public void mendImage(String image) {
    broken.remove(image);
  }

  /** The digest that a reference has here. */
  public static String digestOf(String image) {
    return "sha256:%064x".formatted(image.hashCode() & 0xffffffffL);
  }

  /** Called for every pull, in its thread: may block or count. */
  public void onPull(Consumer<PullRequest> newHook) {
    hook = newHook;
  }

  /** Everything that was asked for, oldest first. */
  public List<PullRequest> pulls() {
    return List.copyOf(pulls);
  }

  @Override
  public StoredImage pull(PullRequest request, Progress progress) throws ImageException {
    pulls.add(request);
    hook.accept(request);
    ImageException why = broken.get(request.image());
    if (why != null) {
      throw why;
    }
    progress.step("pulled " + request.image());
    String digest = request.wantedDigest().orElse(digestOf(request.image()));
    return images.computeIfAbsent(digest, key -> image(key, request.image()));
  }

  private static StoredImage image(String digest, String name) {
    return new StoredImage(
        digest,
        List.of(name),
        new StoredImage.ImageConfig(List.of("/app"), List.of(), List.of(), null, "/", "amd64"),
        1);
  }

  @Override
  public StoredImage importArchive(Path archive, String name, Progress progress) {
    return images.computeIfAbsent(digestOf(name), key -> image(key, name));
  }

  @Override
  public Optional<StoredImage> find(String digest) {
    return Optional.ofNullable(images.get(digest));
  }

  @Override
  public List<StoredImage> list() {
    return List.copyOf(images.values());
  }

  @Override
  public boolean remove(String nameOrDigest, Set<String> inUse) {
    return images.remove(nameOrDigest) != null;
  }

  /** What was said to be in use at each collection. */
  public List<Set<String>> collections() {
    return List.copyOf(collections);
  }

  @Override
  public List<String> collect(Set<String> inUse, Retention retention, Instant now) {
    collections.add(inUse);
    return List.of();
  }

  @Override
  public void sweep() {}
}
