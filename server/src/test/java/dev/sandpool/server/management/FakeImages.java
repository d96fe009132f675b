package dev.sandpool.server.management;

import dev.sandpool.server.image.ImageException;
import dev.sandpool.server.image.ImageStore;
import dev.sandpool.server.image.PullRequest;
import dev.sandpool.server.image.StoredImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Images by name, without files. An archive whose name has "broken" is not an image. */
final class FakeImages implements ImageStore {
  private final TreeMap<String, StoredImage> images = new TreeMap<>();

  @Override
  public StoredImage pull(PullRequest request, Progress progress) {
    throw new UnsupportedOperationException();
  }

  @Override
  public synchronized StoredImage importArchive(Path archive, String name, Progress progress)
      throws ImageException {
    progress.step("reading " + archive.getFileName());
    if (holds(archive, "broken")) {
      throw new ImageException(ImageException.Cause.NOT_AN_IMAGE, "that is no image");
    }
    progress.step("unpacking 1/1");
    var config = new StoredImage.ImageConfig(List.of(), List.of(), List.of(), null, "/", "amd64");
    var image = new StoredImage(FakePools.DIGEST, List.of(name), config, 42);
    images.put(name, image);
    return image;
  }

  private static boolean holds(Path archive, String word) {
    try {
      return Files.readString(archive).contains(word);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized Optional<StoredImage> find(String digest) {
    return images.values().stream().filter(image -> image.digest().equals(digest)).findFirst();
  }

  @Override
  public synchronized List<StoredImage> list() {
    return List.copyOf(images.values());
  }

  @Override
  public synchronized boolean remove(String nameOrDigest, Set<String> inUse) throws ImageException {
    StoredImage image = images.get(nameOrDigest);
    if (image != null && inUse.contains(image.digest())) {
      throw new ImageException(ImageException.Cause.IN_USE, nameOrDigest + " is used by a pool");
    }
    return images.remove(nameOrDigest) != null;
  }

  @Override
  public void sweep() {}

  @Override
  public List<String> collect(
      Set<String> inUse, dev.sandpool.server.image.Retention retention, Instant now) {
    return List.of();
  }
}
