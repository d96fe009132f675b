package dev.sandpool.e2e.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sandpool.e2e.TestRegistry;
import dev.sandpool.model.InstanceId;
import dev.sandpool.server.engine.oci.RootStore;
import dev.sandpool.server.image.ImageException;
import dev.sandpool.server.image.ImageStore.Progress;
import dev.sandpool.server.image.ImageStoreSettings;
import dev.sandpool.server.image.PullRequest;
import dev.sandpool.server.image.PullRequest.RegistryLogin;
import dev.sandpool.server.image.Registries;
import dev.sandpool.server.image.SkopeoImageStore;
import dev.sandpool.server.image.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.stream.Stream;

/** What the tests of the image store share. */
final class ImageStoreKit {
  private ImageStoreKit() {}

  /** A store in that folder, its unpacked images in the folder {@code roots} beside it. */
  static SkopeoImageStore open(Path directory) throws IOException {
    return open(directory, Registries.NONE);
  }

  /** The same with what an operator says of registries. */
  static SkopeoImageStore open(Path directory, Registries registries) throws IOException {
    // Who unpacks has to get there, and test folders are closed to others.
    Files.setPosixFilePermissions(
        directory.resolveSibling(""), PosixFilePermissions.fromString("rwx--x--x"));
    return new SkopeoImageStore(
        new ImageStoreSettings(
            directory,
            registries,
            0,
            ImageStoreSettings.hostArchitecture(),
            ImageStoreSettings.Tools.defaults()),
        roots(directory));
  }

  static RootStore roots(Path directory) throws IOException {
    return RootStore.open(
        directory.resolveSibling("roots"),
        directory.resolve("tmp"),
        new InstanceId("test"),
        new RootStore.Settings(1L << 30, 10_000, 0, 0x7011_0000, Duration.ofMinutes(30)));
  }

  static PullRequest request(TestRegistry registry, String image) {
    return new PullRequest(image, null, login(registry));
  }

  static RegistryLogin login(TestRegistry registry) {
    return new RegistryLogin(registry.address(), TestRegistry.USER, TestRegistry.PASSWORD);
  }

  static String content(Path directory, StoredImage image) throws IOException {
    RootStore roots = roots(directory);
    try {
      return Files.readString(roots.find(image.digest()).orElseThrow().rootfs().resolve("content"));
    } finally {
      roots.unmount();
    }
  }

  /** The pull fails for that cause, names the image, tells no password, and leaves nothing. */
  static void assertFails(
      SkopeoImageStore store, Path directory, PullRequest request, ImageException.Cause cause)
      throws IOException {
    assertThatThrownBy(() -> store.pull(request, Progress.none()))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(cause))
        .hasMessageContaining(request.image())
        .hasMessageNotContaining(TestRegistry.PASSWORD);
    assertNothingHalfMade(directory);
  }

  /** No work in progress, and no more files in the store than its images have. */
  static void assertNothingHalfMade(Path directory) throws IOException {
    assertThat(directory.resolve("tmp")).isEmptyDirectory();
    try (Stream<Path> images = Files.list(directory.resolve("images/sha256"))) {
      assertThat(images).allMatch(image -> Files.exists(image.resolve("image.json")));
    }
  }

  static void assertEmpty(Path directory) throws IOException {
    assertNothingHalfMade(directory);
    assertThat(directory.resolve("images/sha256")).isEmptyDirectory();
    assertThat(directory.resolve("blobs/sha256")).isEmptyDirectory();
  }
}
