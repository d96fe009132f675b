package dev.sandpool.server.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A caller who leaves in the middle of an upload must not leave a disk full of halves behind. */
class AbandonedUploadTest {
  @SuppressWarnings("NullAway.Init") // JUnit sets it before each test.
  @TempDir
  Path folder;

  private ImageUploads uploads(Duration idle) throws IOException {
    return new ImageUploads(folder.resolve("uploads"), new ImageUploads.Limits(1000, 2, idle, 0));
  }

  private List<Path> left() throws IOException {
    try (var files = Files.list(folder.resolve("uploads"))) {
      return files.toList();
    }
  }

  @Test
  void isDroppedWhenNothingComesAnyMore() throws Exception {
    try (ImageUploads uploads = uploads(Duration.ofMillis(50))) {
      String id = uploads.open(10);
      uploads.append(id, 0, new byte[5]);
      await().atMost(Duration.ofSeconds(20)).until(() -> left().isEmpty());
      assertThatThrownBy(() -> uploads.append(id, 5, new byte[5]))
          .isInstanceOf(ImageUploads.RefusedException.class)
          .hasMessageContaining("There is no upload");
    }
  }

  @Test
  void isDroppedWhenTheServerEndsOrStartsAgain() throws Exception {
    try (ImageUploads uploads = uploads(Duration.ofHours(1))) {
      uploads.append(uploads.open(10), 0, new byte[5]);
      assertThat(left()).hasSize(1);
    }
    assertThat(left()).isEmpty();
    Files.createDirectories(folder.resolve("uploads/killed"));
    Files.writeString(folder.resolve("uploads/killed/archive"), "half");
    try (ImageUploads uploads = uploads(Duration.ofHours(1))) {
      assertThat(left()).isEmpty();
      assertThat(uploads.discard("killed")).isFalse();
    }
  }

  @Test
  void wholeOneIsTakenOnceAndGoneAfterwards() throws Exception {
    try (ImageUploads uploads = uploads(Duration.ofHours(1))) {
      String id = uploads.open(3);
      uploads.append(id, 0, new byte[] {1, 2});
      uploads.append(id, 2, new byte[] {3});
      try (ImageUploads.Taken taken = uploads.take(id)) {
        assertThat(Files.readAllBytes(taken.archive())).containsExactly(1, 2, 3);
        assertThatThrownBy(() -> uploads.take(id))
            .isInstanceOf(ImageUploads.RefusedException.class);
      }
      assertThat(left()).isEmpty();
    }
  }

  @Test
  void announcedBytesCountAgainstTheDiskBeforeTheyAreHere() throws Exception {
    long free = Files.getFileStore(folder).getUsableSpace();
    var limits = new ImageUploads.Limits(Long.MAX_VALUE, 3, Duration.ofHours(1), 0);
    try (var uploads = new ImageUploads(folder.resolve("uploads"), limits)) {
      uploads.open(free / 3 * 2);
      assertThatThrownBy(() -> uploads.open(free / 3 * 2))
          .isInstanceOfSatisfying(
              ImageUploads.RefusedException.class,
              refused ->
                  assertThat(refused.reason())
                      .isEqualTo(ImageUploads.RefusedException.Reason.DISK_FULL));
    }
  }
}
