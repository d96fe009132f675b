package dev.sandpool.server.image;

import dev.sandpool.server.image.ImageException.Cause;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.stream.Collectors;

/** What must be known of an image before it is brought, answered by its registry. */
final class RegistryQuestions {
  private final ImageTools tools;
  private final String architecture;

  RegistryQuestions(ImageTools tools, String architecture) {
    this.tools = tools;
    this.architecture = architecture;
  }

  /** The image that a reference means today. */
  record Found(String digest, Manifest.Image manifest) {}

  /** Resolves a tag, and chooses this host's image where there are several. */
  Found resolve(ImageTools.Source source, Optional<String> wanted)
      throws ImageException, InterruptedIOException {
    String where = wanted.map(source::at).orElseGet(source::asWritten);
    byte[] raw = tools.manifest(source, where);
    String digest = LayoutFiles.sha256(raw);
    checkDigest(source, wanted.or(source.reference()::wantedDigest), digest);
    return switch (Manifest.parse(source.image(), raw)) {
      case Manifest.Image image -> new Found(digest, image);
      case Manifest.Index index -> choose(source, index);
    };
  }

  private static void checkDigest(ImageTools.Source source, Optional<String> wanted, String digest)
      throws ImageException {
    if (wanted.isPresent() && !wanted.get().equals(digest)) {
      throw ToolErrors.of(
          Cause.NOT_AN_IMAGE,
          source.image(),
          "asked for " + wanted.get() + ", was given " + digest);
    }
  }

  private Found choose(ImageTools.Source source, Manifest.Index index)
      throws ImageException, InterruptedIOException {
    Optional<String> digest = index.forArchitecture(architecture);
    if (digest.isEmpty()) {
      String there =
          index.platforms().stream()
              .map(platform -> platform.os() + "/" + platform.architecture())
              .distinct()
              .collect(Collectors.joining(", "));
      throw ToolErrors.of(
          Cause.WRONG_ARCHITECTURE,
          source.image(),
          "it is for " + there + ", this host is linux/" + architecture);
    }
    byte[] raw = tools.manifest(source, source.at(digest.get()));
    checkDigest(source, digest, LayoutFiles.sha256(raw));
    return switch (Manifest.parse(source.image(), raw)) {
      case Manifest.Image image -> new Found(digest.get(), image);
      case Manifest.Index nested ->
          throw ToolErrors.of(Cause.NOT_AN_IMAGE, source.image(), "an index within an index");
    };
  }

  /** Refuses another architecture's image before its layers are brought. */
  void checkArchitecture(ImageTools.Source source, String digest)
      throws ImageException, InterruptedIOException {
    ConfigBlob.parse(source.image(), tools.config(source, source.at(digest)), architecture);
  }
}
