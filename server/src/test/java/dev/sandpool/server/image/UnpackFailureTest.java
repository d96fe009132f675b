package dev.sandpool.server.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.image.ImageException.Cause;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Why unpacking failed, asked of layers that were made to harm who counts them. */
class UnpackFailureTest {
  private static final long BOUND = 1 << 20;
  private static final String DIGEST = "sha256:" + "a".repeat(64);

  @TempDir private Path folder;

  /** What is said of an image whose one layer that is. */
  private Cause explained(byte[] layer) throws IOException {
    var manifest =
        new Manifest.Image(
            new Manifest.Blob(DIGEST, 1), List.of(new Manifest.Blob(DIGEST, layer.length)));
    try (StoreFiles.Work work = new StoreFiles(folder).work()) {
      Path blob = work.layoutBlob(DIGEST);
      Files.createDirectories(blob.getParent());
      Files.write(blob, layer);
      var failure = new UnpackException(BOUND, false, "panic: nobody knows why");
      return UnpackFailure.explain(failure, "hostile:1", work, manifest).kind();
    }
  }

  private static byte[] zeros(int mebibytes) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(bytes)) {
      for (int i = 0; i < mebibytes; i++) {
        zip.write(new byte[1 << 20]);
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void aLayerThatUnpacksToMoreThanItMayIsNotReadToItsEnd() throws Exception {
    byte[] bomb = zeros(8);

    // Who read on would find that it ends too early.
    assertThat(explained(Arrays.copyOf(bomb, bomb.length - 16))).isEqualTo(Cause.TOO_LARGE);
  }

  @Test
  void whatFitsFailedForAnotherReason() throws Exception {
    assertThat(explained(zeros(1))).as("exactly the bound").isEqualTo(Cause.OTHER);
    byte[] layer = zeros(1);
    assertThat(explained(Arrays.copyOf(layer, layer.length - 16))).isEqualTo(Cause.NOT_AN_IMAGE);
  }
}
