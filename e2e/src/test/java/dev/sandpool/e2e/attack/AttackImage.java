package dev.sandpool.e2e.attack;

import dev.sandpool.e2e.Shell;
import dev.sandpool.server.engine.oci.ImageRoot;
import dev.sandpool.server.image.StoredImage.ImageConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One unpacked image: the sample image, which has Python, and the probes in {@code /attack}, run as
 * root, the strongest user that a tenant can have.
 */
final class AttackImage implements ImageRoot.Finder {
  static final String DIGEST = "sha256:" + "a".repeat(64);

  private final Path rootfs;
  private final ImageRoot image;

  private AttackImage(Path rootfs, Optional<Path> disk) {
    this.rootfs = rootfs;
    image =
        new ImageRoot(
            rootfs,
            disk,
            new ImageConfig(
                List.of("/usr/bin/python3", "-B", "/attack/agent.py"),
                List.of(),
                List.of("PATH=/usr/bin:/bin"),
                "root",
                "/",
                "amd64"));
  }

  /**
   * Unpacks the sample image, unless that is done, and lays the probes in.
   *
   * @param archive the sample image's OCI archive
   * @param folder where it is kept; others than its owner shall not enter it
   */
  static AttackImage unpack(Path archive, Path folder) throws IOException, InterruptedException {
    Path rootfs = folder.resolve("rootfs");
    if (!Files.exists(rootfs.resolve("usr/bin/python3"))) {
      Path layout = Files.createDirectories(folder.resolve("layout"));
      Shell.run(layout, "tar", "-xf", archive.toString());
      Shell.run(folder, "umoci", "raw", "unpack", "--image", layout + ":sample", rootfs.toString());
    }
    Path probes = Files.createDirectories(rootfs.resolve("attack"));
    for (Path file : sources()) {
      Files.write(probes.resolve(file.getFileName().toString()), Files.readAllBytes(file));
    }
    return new AttackImage(rootfs, Optional.empty());
  }

  /** The same with a file system in a file, as machines are given it. */
  AttackImage onDisk() throws IOException, InterruptedException {
    Path disk = rootfs.resolveSibling("rootfs.disk");
    Path tree = rootfs.resolveSibling("tree");
    Shell.run(
        Path.of("/"),
        "sh",
        "-ec",
        "rm -rf \"$2\" \"$3\"; mkdir \"$2\"; cp -a --reflink=auto \"$1\" \"$2/rootfs\"; truncate -s"
            + " 1G \"$3\"; mkfs.ext4 -q -F -O ^has_journal -d \"$2\" \"$3\"; rm -rf \"$2\"",
        "sh",
        rootfs.toString(),
        tree.toString(),
        disk.toString());
    return new AttackImage(rootfs, Optional.of(disk));
  }

  /** The file of that file system. */
  Path disk() {
    return image.disk().orElseThrow();
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files =
        Files.list(
            Path.of(Objects.requireNonNull(AttackImage.class.getResource("/attack")).toURI()))) {
      return files.filter(file -> file.toString().endsWith(".py")).toList();
    } catch (URISyntaxException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }

  /** The unpacked root, in which the host's own receivers run too. */
  Path rootfs() {
    return rootfs;
  }

  @Override
  public Optional<ImageRoot> find(String digest) {
    return digest.equals(DIGEST) ? Optional.of(image) : Optional.empty();
  }
}
