package dev.sandpool.server.image;

import dev.sandpool.server.image.ImageException.Cause;
import dev.sandpool.server.image.StoreFiles.Work;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Finds out why umoci gave up without saying it: version 0.4.7 may panic while it cleans up after
 * any error, and has deleted what it wrote by then. So the layers are counted once more.
 */
final class UnpackFailure {
  private static final int BLOCK = 64 << 10;

  private UnpackFailure() {}

  /** The failure with its real cause, where that can be told. */
  static ImageException explain(
      UnpackException failure, String image, Work work, Manifest.Image manifest) {
    ImageException explained = ToolErrors.explain(image, failure.getMessage());
    if (explained.kind() == Cause.DISK_FULL) {
      return full(image, failure);
    }
    if (explained.kind() != Cause.OTHER) {
      return explained;
    }
    long room = failure.boundBytes();
    try {
      for (Manifest.Blob layer : manifest.layers()) {
        room -= unpackedBytes(work.layoutBlob(layer.digest()), room);
        if (room < 0) {
          return full(image, failure);
        }
      }
    } catch (EOFException | ZipException e) {
      return ToolErrors.of(Cause.NOT_AN_IMAGE, image, "a layer cannot be decompressed");
    } catch (IOException e) {
      explained.addSuppressed(e);
      return explained;
    }
    return explained;
  }

  private static ImageException full(String image, UnpackException failure) {
    String bound = (failure.boundBytes() >> 20) + " MB";
    return failure.boundByDisk()
        ? ToolErrors.of(Cause.DISK_FULL, image, bound + " may be used")
        : ToolErrors.of(Cause.TOO_LARGE, image, "at most " + bound);
  }

  /** Counts no further than is needed: a layer may be made to unpack to any amount. */
  private static long unpackedBytes(Path layer, long most) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(layer), BLOCK)) {
      byte[] block = new byte[BLOCK];
      long count = 0;
      for (int n = 0; n >= 0 && count <= most; n = in.read(block)) {
        count += n;
      }
      return count;
    }
  }
}
