package dev.sandpool.e2e.image;

import static dev.sandpool.e2e.image.ImageStoreKit.assertEmpty;
import static dev.sandpool.e2e.image.ImageStoreKit.content;
import static dev.sandpool.e2e.image.ImageStoreKit.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sandpool.e2e.Shell;
import dev.sandpool.e2e.TinyImage;
import dev.sandpool.server.image.ImageException;
import dev.sandpool.server.image.ImageException.Cause;
import dev.sandpool.server.image.ImageStore.Progress;
import dev.sandpool.server.image.PullRequest;
import dev.sandpool.server.image.SkopeoImageStore;
import dev.sandpool.server.image.StoredImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageImportIT {
  @TempDir private Path work;

  private Path directory;
  private SkopeoImageStore store;

  @BeforeEach
  void openStore() throws Exception {
    directory = work.resolve("images");
    store = open(directory);
  }

  @ParameterizedTest
  @ValueSource(strings = {"oci-archive", "docker-archive"})
  void anImportedNameIsPulledWithoutARegistry(String kind) throws Exception {
    String layout = TinyImage.make(work, kind, 0);
    Path file = TinyImage.archive(layout, kind, work.resolve("a file.tar"));

    StoredImage image = store.importArchive(file, "sample:latest", Progress.none());

    assertThat(content(directory, image)).isEqualTo(kind);
    assertThat(image.config().cmd()).containsExactly("serve");
    for (String name : new String[] {"sample", "sample:latest"}) {
      var request = new PullRequest(name, null, null);
      assertThat(store.pull(request, Progress.none())).isEqualTo(image);
      assertThat(open(directory).pull(request, Progress.none())).isEqualTo(image);
    }
    var pinned = new PullRequest("sample", image.digest(), null);
    assertThat(store.pull(pinned, Progress.none())).isEqualTo(image);
    ImageStoreKit.assertNothingHalfMade(directory);
  }

  @Test
  void importingAgainMovesTheName() throws Exception {
    Path first = TinyImage.archive(TinyImage.make(work, "1", 0), "oci-archive", work.resolve("1"));
    Path second = TinyImage.archive(TinyImage.make(work, "2", 0), "oci-archive", work.resolve("2"));
    StoredImage old = store.importArchive(first, "app:1", Progress.none());
    store.importArchive(second, "app:1", Progress.none());

    assertThat(
            content(directory, store.pull(new PullRequest("app:1", null, null), Progress.none())))
        .isEqualTo("2");
    var pinned = new PullRequest("app:1", old.digest(), null);
    assertThat(content(directory, store.pull(pinned, Progress.none()))).isEqualTo("1");
    assertThat(store.list()).hasSize(2);
  }

  /** It would be half of an image after a loss of power, with a whole one's name. */
  @Test
  void nothingOfAnImageThatIsHereWaitsToBeWritten() throws Exception {
    String layout = TinyImage.make(work, "kept", 8);
    Path file = TinyImage.archive(layout, "oci-archive", work.resolve("kept.tar"));

    store.importArchive(file, "kept:1", Progress.none());

    List<Path> files = new ArrayList<>();
    for (Path folder : List.of(directory.resolve("blobs"), directory.resolveSibling("roots"))) {
      try (Stream<Path> all = Files.walk(folder)) {
        all.filter(Files::isRegularFile)
            .filter(path -> !path.endsWith("image.json"))
            .forEach(files::add);
      }
    }
    assertThat(files).hasSizeGreaterThan(1);
    for (Path one : files) {
      assertThat(Shell.run(work, "filefrag", "-v", one.toString()))
          .contains("last")
          .doesNotContain("delalloc");
    }
  }

  @Test
  void aCompressedArchiveIsTaken() throws Exception {
    TinyImage.archive(TinyImage.make(work, "z", 0), "docker-archive", work.resolve("a.tar"));
    Shell.run(work, "gzip", "a.tar");
    assertThat(
            content(
                directory, store.importArchive(work.resolve("a.tar.gz"), "z:1", Progress.none())))
        .isEqualTo("z");
  }

  @Test
  void whatIsNoArchiveIsRefused() throws Exception {
    Path text = Files.writeString(work.resolve("text"), "not an image");
    Shell.run(work, "tar", "-cf", "other.tar", "text");
    Path cut = TinyImage.archive(TinyImage.make(work, "c", 1), "oci-archive", work.resolve("cut"));
    Shell.run(work, "truncate", "-s", "600K", "cut");

    TinyImage.archive(TinyImage.make(work, "g", 1), "docker-archive", work.resolve("g.tar"));
    Shell.run(work, "gzip", "g.tar");
    Shell.run(work, "truncate", "-s", "-1000", "g.tar.gz");

    assertRefused(work.resolve("g.tar.gz"), Cause.NOT_AN_IMAGE);
    assertRefused(text, Cause.NOT_AN_IMAGE);
    assertRefused(work.resolve("other.tar"), Cause.NOT_AN_IMAGE);
    assertRefused(cut, Cause.NOT_AN_IMAGE);
    assertRefused(work.resolve("nothing.tar"), Cause.NOT_FOUND);
  }

  @Test
  void anotherMachinesArchiveIsRefused() throws Exception {
    String layout = TinyImage.make(work, "arm", 0, "--architecture", "arm64");
    assertRefused(
        TinyImage.archive(layout, "oci-archive", work.resolve("arm")), Cause.WRONG_ARCHITECTURE);
  }

  private void assertRefused(Path file, Cause cause) throws Exception {
    assertThatThrownBy(() -> store.importArchive(file, "bad:1", Progress.none()))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(cause))
        .hasMessageContaining("bad:1");
    assertEmpty(directory);
  }
}
