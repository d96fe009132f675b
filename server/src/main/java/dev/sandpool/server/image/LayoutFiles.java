package dev.sandpool.server.image;

import dev.sandpool.model.Json;
import dev.sandpool.server.image.ImageException.Cause;
import dev.sandpool.server.image.StoreFiles.Work;
import dev.sandpool.server.image.StoredImage.ImageConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tools.jackson.core.JacksonException;

/** Reads the OCI layout that skopeo leaves in a working directory. */
final class LayoutFiles {
  private LayoutFiles() {}

  /** The digest of the only manifest in the layout. */
  static String digest(String image, Work work) throws ImageException, IOException {
    byte[] index = Files.readAllBytes(work.directory().resolve("oci/index.json"));
    try {
      String digest =
          Json.MAPPER.readTree(index).path("manifests").path(0).path("digest").asString("");
      if (ImageReference.isDigest(digest)) {
        return digest;
      }
    } catch (JacksonException e) {
      throw ToolErrors.of(Cause.NOT_AN_IMAGE, image, "its index cannot be read");
    }
    throw ToolErrors.of(Cause.NOT_AN_IMAGE, image, "its index names no manifest");
  }

  /** That manifest. For Docker's images skopeo has translated it, so its digest is another one. */
  static Manifest.Image manifest(String image, Work work) throws ImageException, IOException {
    byte[] raw = Files.readAllBytes(work.layoutBlob(digest(image, work)));
    return switch (Manifest.parse(image, raw)) {
      case Manifest.Image manifest -> manifest;
      case Manifest.Index index -> throw ToolErrors.of(Cause.NOT_AN_IMAGE, image, "an index");
    };
  }

  /** The image's configuration, for a machine of that architecture. */
  static ImageConfig config(
      String image, Work work, Manifest.Image manifest, String hostArchitecture)
      throws ImageException, IOException {
    byte[] raw = Files.readAllBytes(work.layoutBlob(manifest.config().digest()));
    return ConfigBlob.parse(image, raw, hostArchitecture);
  }

  static String sha256(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
