package dev.sandpool.server.image;

import dev.sandpool.model.Json;
import dev.sandpool.server.image.ImageException.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** What a registry keeps under a tag (OCI image specification, Docker image manifest V2-2). */
sealed interface Manifest {
  /** One image. */
  record Image(Blob config, List<Blob> layers) implements Manifest {
    /** Compressed size of all layers in bytes. */
    long layerBytes() {
      return layers.stream().mapToLong(Blob::size).sum();
    }

    /** Digests of everything the image consists of, itself excluded. */
    List<String> digests() {
      List<String> all = new ArrayList<>(layers.stream().map(Blob::digest).toList());
      all.add(config.digest());
      return all;
    }
  }

  /** A choice of images for several kinds of machines. */
  record Index(List<Platform> platforms) implements Manifest {
    /** The digest of the image for Linux on that architecture. */
    Optional<String> forArchitecture(String architecture) {
      return platforms.stream()
          .filter(platform -> platform.os().equals("linux"))
          .filter(platform -> platform.architecture().equals(architecture))
          .map(Platform::digest)
          .findFirst();
    }
  }

  /** A piece of content: digest, and size in bytes. */
  record Blob(String digest, long size) {}

  /** One image of an index. */
  record Platform(String os, String architecture, String digest) {}

  Set<String> CONFIG_TYPES =
      Set.of(
          "application/vnd.oci.image.config.v1+json",
          "application/vnd.docker.container.image.v1+json");

  /**
   * The manifest in those bytes.
   *
   * @param image for messages
   * @throws ImageException REGISTRY_UNREACHABLE for what no registry would say, NOT_AN_IMAGE for
   *     manifests of other things
   */
  static Manifest parse(String image, byte[] raw) throws ImageException {
    JsonNode root;
    try {
      root = Json.MAPPER.readTree(raw);
    } catch (JacksonException e) {
      throw ToolErrors.of(Cause.REGISTRY_UNREACHABLE, image, "its answer is not a manifest");
    }
    try {
      if (root.path("manifests").isArray()) {
        return index(root);
      }
      return image(image, root);
    } catch (IllegalArgumentException e) {
      throw ToolErrors.of(Cause.NOT_AN_IMAGE, image, String.valueOf(e.getMessage()));
    }
  }

  private static Image image(String image, JsonNode root) throws ImageException {
    String type = root.path("config").path("mediaType").asString("");
    if (!root.path("layers").isArray() || !CONFIG_TYPES.contains(type)) {
      String found = type.isEmpty() ? root.path("mediaType").asString("no media type") : type;
      throw ToolErrors.of(Cause.NOT_AN_IMAGE, image, "found " + found);
    }
    List<Blob> layers = new ArrayList<>();
    for (JsonNode layer : root.path("layers")) {
      layers.add(blob(layer));
    }
    return new Image(blob(root.path("config")), List.copyOf(layers));
  }

  private static Index index(JsonNode root) {
    List<Platform> platforms = new ArrayList<>();
    for (JsonNode manifest : root.path("manifests")) {
      JsonNode platform = manifest.path("platform");
      platforms.add(
          new Platform(
              platform.path("os").asString(""),
              platform.path("architecture").asString(""),
              blob(manifest).digest()));
    }
    return new Index(List.copyOf(platforms));
  }

  /** Checked, because the digest becomes part of a path. */
  private static Blob blob(JsonNode node) {
    String digest = node.path("digest").asString("");
    if (!ImageReference.isDigest(digest)) {
      throw new IllegalArgumentException("a digest in its manifest is not sha256");
    }
    return new Blob(digest, Math.max(0, node.path("size").asLong(0)));
  }
}
