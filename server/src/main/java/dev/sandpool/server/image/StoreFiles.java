package dev.sandpool.server.image;

import dev.sandpool.model.Json;
import dev.sandpool.server.image.StoredImage.ImageConfig;
import dev.sandpool.server.linux.Command;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The store's directory. All is made in {@code tmp/}, and moved to its place when it is whole:
 *
 * <pre>
 *   blobs/sha256/HEX               compressed layers, so that a new tag only brings what changed
 *   images/sha256/HEX/image.json   how to run an image; unpacked it is in the {@link ImageRoots}
 *   names.json
 *   tmp/UUID/                  work in progress
 * </pre>
 */
final class StoreFiles {
  private static final String SHA256 = "sha256:";
  private static final String IMAGE_JSON = "image.json";
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  /** Who unpacks owns nothing here, and knows the one name that he needs. */
  private static final Set<PosixFilePermission> PASSABLE =
      PosixFilePermissions.fromString("rwx--x--x");

  /** What image.json holds. */
  record ImageFile(String digest, ImageConfig config, long sizeBytes, List<String> blobs) {}

  private final Path blobs;
  private final Path images;
  private final Path tmp;
  private final Path names;
  private final Set<Path> working = ConcurrentHashMap.newKeySet();

  StoreFiles(Path root) throws IOException {
    Files.createDirectories(root);
    Files.setPosixFilePermissions(root, PASSABLE);
    blobs = Files.createDirectories(root.resolve("blobs/sha256"));
    images = Files.createDirectories(root.resolve("images/sha256"));
    tmp = Files.createDirectories(root.resolve("tmp"));
    Files.setPosixFilePermissions(root.resolve("blobs"), PRIVATE);
    Files.setPosixFilePermissions(root.resolve("images"), PRIVATE);
    Files.setPosixFilePermissions(tmp, PASSABLE);
    names = root.resolve("names.json");
  }

  Path names() {
    return names;
  }

  long usableBytes() throws IOException {
    return Files.getFileStore(tmp).getUsableSpace();
  }

  private Path image(String digest) {
    return images.resolve(hex(digest));
  }

  private Path blob(String digest) {
    return blobs.resolve(hex(digest));
  }

  static String hex(String digest) {
    if (!ImageReference.isDigest(digest)) {
      throw new IllegalArgumentException("not a digest: " + digest);
    }
    return digest.substring(SHA256.length());
  }

  Optional<ImageFile> read(String digest) throws IOException {
    try {
      byte[] text = Files.readAllBytes(image(digest).resolve(IMAGE_JSON));
      return Optional.of(Json.MAPPER.readValue(text, ImageFile.class));
    } catch (NoSuchFileException | JacksonException e) {
      // A power loss may have left it empty: then the image counts as missing and is pulled anew.
      return Optional.empty();
    }
  }

  List<ImageFile> readAll() throws IOException {
    List<ImageFile> all = new ArrayList<>();
    try (var entries = Files.newDirectoryStream(images)) {
      for (Path entry : entries) {
        read(SHA256 + entry.getFileName()).ifPresent(all::add);
      }
    }
    return all;
  }

  /** Notes that an image is used: its file's time says when that was last so. */
  void use(String digest, Instant now) throws IOException {
    Files.setLastModifiedTime(image(digest).resolve(IMAGE_JSON), FileTime.from(now));
  }

  Instant lastUsed(String digest) throws IOException {
    return Files.getLastModifiedTime(image(digest).resolve(IMAGE_JSON)).toInstant();
  }

  /** A new directory to work in. */
  Work work() throws IOException {
    UUID id = UUID.randomUUID();
    Path directory = tmp.resolve(id.toString());
    working.add(directory);
    try {
      return new Work(id, Files.createDirectory(directory));
    } catch (IOException e) {
      working.remove(directory);
      throw e;
    }
  }

  /** Removes an image, not its blobs. */
  void delete(String digest) throws IOException {
    try (Work work = work()) {
      // Out of sight in one step: an interrupted removal must not leave half an image.
      Files.move(image(digest), work.directory().resolve("gone"), StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException e) {
      return;
    }
  }

  /** Removes the blobs that no image here consists of. */
  void collectBlobs() throws IOException {
    Set<String> needed = new HashSet<>();
    for (ImageFile image : readAll()) {
      image.blobs().forEach(digest -> needed.add(hex(digest)));
    }
    try (var entries = Files.newDirectoryStream(blobs)) {
      for (Path entry : entries) {
        if (!needed.contains(entry.getFileName().toString())) {
          Files.deleteIfExists(entry);
        }
      }
    }
  }

  /** Removes work that nobody does any more, and images that cannot be read. */
  void sweep() throws IOException {
    try (var entries = Files.newDirectoryStream(images)) {
      for (Path entry : entries) {
        String digest = SHA256 + entry.getFileName();
        if (read(digest).isEmpty()) {
          delete(digest);
        }
      }
    }
    try (var entries = Files.newDirectoryStream(tmp)) {
      for (Path entry : entries) {
        if (!working.contains(entry)) {
          deleteTree(entry);
        }
      }
    }
  }

  /** A directory of a pull or import; closing it deletes what is still in it. */
  final class Work implements AutoCloseable {
    private final UUID id;
    private final Path directory;

    private Work(UUID id, Path directory) {
      this.id = id;
      this.directory = directory;
    }

    UUID id() {
      return id;
    }

    Path directory() {
      return directory;
    }

    Path layoutBlob(String digest) {
      return directory.resolve("oci/blobs/sha256").resolve(hex(digest));
    }

    /** Puts the layers in place that are here already, so that they are not brought again. */
    void reuse(Manifest.Image image) throws IOException {
      Files.createDirectories(directory.resolve("oci/blobs/sha256"));
      for (Manifest.Blob layer : image.layers()) {
        Path known = blob(layer.digest());
        if (Files.isRegularFile(known) && Files.size(known) == layer.size()) {
          link(known, layoutBlob(layer.digest()));
        }
      }
    }

    /** Bytes that reuse has not provided. */
    long missingBytes(Manifest.Image image) {
      return image.layers().stream()
          .filter(layer -> !Files.exists(layoutBlob(layer.digest())))
          .mapToLong(Manifest.Blob::size)
          .sum();
    }

    /** Lets those read the layout who know where it is: the unpacking user. */
    void showLayout() throws IOException {
      Files.setPosixFilePermissions(directory, PASSABLE);
      try (Stream<Path> files = Files.walk(directory.resolve("oci"))) {
        for (Path file : files.toList()) {
          Files.setPosixFilePermissions(
              file,
              PosixFilePermissions.fromString(Files.isDirectory(file) ? "rwxr-xr-x" : "rw-r--r--"));
        }
      }
    }

    /** Writes down what was made; everything that needs room on the disk is done after this. */
    void describe(ImageFile image) throws IOException {
      Files.createDirectory(directory.resolve("image"));
      Files.write(
          directory.resolve("image").resolve(IMAGE_JSON), Json.MAPPER.writeValueAsBytes(image));
    }

    /** Makes the image visible, its blobs first. */
    void publish(ImageFile image) throws IOException {
      for (String digest : image.blobs()) {
        if (Files.exists(layoutBlob(digest))) {
          link(layoutBlob(digest), blob(digest));
        }
      }
      Files.move(directory.resolve("image"), image(image.digest()), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void link(Path from, Path to) throws IOException {
      try {
        if (!Files.exists(to)) {
          Files.createLink(to, from);
        }
      } catch (NoSuchFileException e) {
        return; // Collected meanwhile: it is brought again.
      }
    }

    @Override
    public void close() throws IOException {
      try {
        deleteTree(directory);
      } finally {
        working.remove(directory);
      }
    }
  }

  /** An image may nest its folders deeper than a path can be long; rm needs no whole paths. */
  private static void deleteTree(Path tree) throws IOException {
    if (!Files.exists(tree, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try {
      walkAndDelete(tree);
    } catch (IOException e) {
      Command.require(List.of("/bin/rm", "-rf", "--one-file-system", "--", tree.toString()), "");
    }
  }

  private static void walkAndDelete(Path tree) throws IOException {
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failed)
              throws IOException {
            if (failed != null) {
              throw failed;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
