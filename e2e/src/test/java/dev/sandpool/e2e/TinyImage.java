package dev.sandpool.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes images of a few files in a moment, for tests that run nothing in them. */
public final class TinyImage {
  private TinyImage() {}

  /**
   * Makes an OCI layout.
   *
   * @param parent directory, in which it makes one of its own
   * @param content of the file {@code /content}, so that two images differ
   * @param megabytes of random data in {@code /ballast}, which no compression makes smaller
   * @return what skopeo calls it, {@code oci:DIRECTORY:tiny}
   */
  public static String make(Path parent, String content, int megabytes)
      throws IOException, InterruptedException {
    return make(parent, content, megabytes, new String[0]);
  }

  /** The same with further options of {@code umoci config}, {@code --architecture arm64}. */
  public static String make(Path parent, String content, int megabytes, String... config)
      throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory(parent, "tiny");
    Path files = Files.createDirectory(directory.resolve("files"));
    Files.writeString(files.resolve("content"), content);
    Files.createDirectory(files.resolve("bin"));
    Files.writeString(files.resolve("bin/app"), "#!/bin/sh\n");
    if (megabytes > 0) {
      Shell.run(directory, "sh", "-c", "head -c " + megabytes + "M /dev/urandom > files/ballast");
    }
    Shell.run(directory, "umoci", "init", "--layout", "oci");
    Shell.run(directory, "umoci", "new", "--image", "oci:tiny");
    Shell.run(directory, "umoci", "insert", "--image", "oci:tiny", "files", "/");
    String[] basics = {
      "umoci", "config", "--image", "oci:tiny", "--config.entrypoint", "/bin/app",
      "--config.cmd", "serve", "--config.env", "COLOUR=blue", "--config.user", "1000:1000",
      "--config.workingdir", "/bin"
    };
    Shell.run(directory, Shell.join(basics, config));
    Shell.run(directory, "umoci", "gc", "--layout", "oci");
    return "oci:" + directory.resolve("oci") + ":tiny";
  }

  /**
   * Makes an archive of a layout.
   *
   * @param kind {@code oci-archive} or {@code docker-archive}
   */
  public static Path archive(String source, String kind, Path file)
      throws IOException, InterruptedException {
    Path parent = file.toAbsolutePath().getParent();
    String target = kind + ":" + file + (kind.equals("docker-archive") ? ":tiny:1" : "");
    Shell.run(parent == null ? Path.of("/") : parent, "skopeo", "copy", "--quiet", source, target);
    return file;
  }

  /** A layout with the same layers and another label, beside the first one. */
  public static String relabel(String source, String label, String value)
      throws IOException, InterruptedException {
    Path layout = layout(source);
    Shell.run(
        layout,
        "umoci",
        "config",
        "--image",
        layout + ":tiny",
        "--tag",
        "changed",
        "--config.label",
        label + "=" + value);
    return "oci:" + layout + ":changed";
  }

  /** Makes the layout's manifest say that its configuration is of that type: not an image. */
  public static String asArtifact(String source, String configType)
      throws IOException, InterruptedException {
    Path layout = layout(source);
    Path index = layout.resolve("index.json");
    String text = Files.readString(index);
    String digest = text.replaceAll("(?s).*sha256:([0-9a-f]{64}).*", "$1");
    Path old = layout.resolve("blobs/sha256").resolve(digest);
    String manifest =
        Files.readString(old).replace("application/vnd.oci.image.config.v1+json", configType);
    Path changed = Files.writeString(layout.resolve("manifest"), manifest);
    String hash = Shell.run(layout, "sha256sum", "manifest").substring(0, 64);
    Files.move(changed, layout.resolve("blobs/sha256").resolve(hash));
    Files.writeString(
        index,
        text.replace(digest, hash)
            .replaceAll("\"size\": ?[0-9]+", "\"size\":" + manifest.length()));
    return source;
  }

  private static Path layout(String source) {
    return Path.of(source.substring("oci:".length(), source.lastIndexOf(':')));
  }
}
