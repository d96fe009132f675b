package dev.sandpool.server.image;

import dev.sandpool.server.image.ImageException.Cause;
import dev.sandpool.server.image.StoreFiles.Work;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Finds out why umoci gave up without saying it: version 0.4.7 may panic while it cleans up after
 * any error, and has deleted what it wrote by then. So the layers are counted once more.
 */
final class UnpackFailure {
  private UnpackFailure() {}

  /**
   * The failure with its real cause, where that can be told.
   *
   * @param usable bytes on the disk before unpacking
   */
  static ImageException explain(
      ImageException failure, String image, Work work, Manifest.Image manifest, long usable) {
    if (failure.kind() != Cause.OTHER) {
      return failure;
    }
    long unpacked = 0;
    try {
      for (Manifest.Blob layer : manifest.layers()) {
        unpacked += unpackedBytes(work.layoutBlob(layer.digest()));
      }
    } catch (EOFException | ZipException e) {
      return ToolErrors.of(Cause.NOT_AN_IMAGE, image, "a layer cannot be decompressed");
    } catch (IOException e) {
      failure.addSuppressed(e);
      return failure;
    }
    return unpacked > usable ? ToolErrors.of(Cause.DISK_FULL, image, "") : failure;
  }

  private static long unpackedBytes(Path layer) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(layer), 64 << 10)) {
      return in.transferTo(OutputStream.nullOutputStream());
    }
  }
}
