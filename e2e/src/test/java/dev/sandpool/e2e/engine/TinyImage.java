package dev.sandpool.e2e.engine;

import dev.sandpool.server.engine.oci.ImageRoot;
import dev.sandpool.server.image.StoredImage.ImageConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One unpacked image: busybox and the programs of the contract kit, made from Debian's package
 * busybox-static and kept under target/.
 */
final class TinyImage implements ImageRoot.Finder {
  private static final Map<String, String> PROGRAMS =
      Map.of(
          "serve",
          "exec httpd -f -p 8080 -h /www\n",
          "serve-then-exit",
          """
          httpd -p 8080 -h /www
          while [ ! -e /tmp/end ]; do sleep 0.1; done
          exit $1
          """,
          "print",
          "echo \"args: $*\"\nexec sleep 1000000\n",
          "show-env",
          "for n in \"$@\"; do eval \"echo \\\"$n=\\$$n\\\"\"; done\nexec sleep 1000000\n",
          "exit-with",
          "code=$1; shift; echo \"$*\"; exit $code\n",
          "hog",
          // One system call: a guest's calls are slow where its processor is emulated.
          "exec dd if=/dev/zero of=/dev/null bs=512M count=1\n",
          "flood",
          "exec yes \"a line that fills the console\"\n",
          "run",
          "eval \"$*\"\nexec sleep 1000000\n");

  private final String digest;
  private final ImageRoot image;

  /** The image under that digest, run as {@code user}. */
  TinyImage(String digest, String user) {
    this.digest = digest;
    this.image =
        new ImageRoot(
            rootfs(),
            Optional.of(disk()),
            new ImageConfig(
                List.of("/app/print"),
                List.of("from-image"),
                List.of("GREETING=image", "PATH=/bin:/app"),
                user,
                "/work/deep",
                "amd64"));
  }

  static synchronized Path rootfs() {
    Path rootfs = Path.of("target/tiny-rootfs").toAbsolutePath();
    if (!Files.exists(rootfs.resolve("app/run"))) {
      try {
        make(rootfs);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot make the tests' image", e);
      }
    }
    return rootfs;
  }

  /** The same as the file system that a machine is given. */
  static synchronized Path disk() {
    Path disk = Path.of("target/tiny-disk").toAbsolutePath();
    if (!Files.exists(disk)) {
      Path part = disk.resolveSibling("tiny-disk.part");
      Path tree = disk.resolveSibling("tiny-tree");
      try {
        Files.createDirectories(tree);
        run(tree, "cp", "-a", "--reflink=auto", rootfs().toString(), "rootfs");
        run(tree, "truncate", "-s", "32M", part.toString());
        run(tree, "mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-d", ".", part.toString());
        Files.move(part, disk);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot make the disk of the tests' image", e);
      }
    }
    return disk;
  }

  private static void make(Path rootfs) throws IOException {
    for (String folder : List.of("bin", "app", "www/cgi-bin", "etc", "tmp", "proc", "dev", "sys")) {
      Files.createDirectories(rootfs.resolve(folder));
    }
    Files.setPosixFilePermissions(
        rootfs.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.writeString(rootfs.resolve("www/index.html"), "tiny\n");
    executable(rootfs.resolve("www/cgi-bin/end"), "#!/bin/sh\n: > /tmp/end\necho\n");
    Files.writeString(
        rootfs.resolve("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\napp:x:1234:1234:app:/home/app:/bin/sh\n");
    Files.writeString(rootfs.resolve("etc/group"), "root:x:0:\nextra:x:77:app\napp:x:1234:\n");
    busybox(rootfs.resolve("bin"));
    for (Map.Entry<String, String> program : PROGRAMS.entrySet()) {
      executable(
          rootfs.resolve("app").resolve(program.getKey()), "#!/bin/sh\n" + program.getValue());
    }
  }

  private static void executable(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void busybox(Path bin) throws IOException {
    Path binary = bin.resolve("busybox");
    Optional<Path> host =
        Stream.of("/bin/busybox", "/usr/bin/busybox")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst();
    if (host.isPresent()) {
      Files.copy(host.get(), binary);
    } else {
      Path folder = Files.createTempDirectory(Path.of("target"), "busybox");
      run(folder, "apt-get", "download", "-q", "busybox-static");
      run(folder, "sh", "-c", "dpkg-deb -x busybox-static_*.deb .");
      Files.copy(folder.resolve("bin/busybox"), binary);
    }
    for (String tool :
        List.of(
            "sh",
            "sleep",
            "httpd",
            "tail",
            "yes",
            "cat",
            "id",
            "ls",
            "stat",
            "wget",
            "nc",
            "mount",
            "unshare",
            "ip",
            "df",
            "dd",
            "nslookup",
            "hostname",
            "mknod",
            "touch",
            "ps")) {
      Files.createSymbolicLink(bin.resolve(tool), Path.of("busybox"));
    }
  }

  private static void run(Path folder, String... command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    try {
      if (process.waitFor() != 0) {
        throw new IOException(command[0] + ": " + Files.readString(folder.resolve("log")));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public Optional<ImageRoot> find(String wanted) {
    return wanted.equals(digest) ? Optional.of(image) : Optional.empty();
  }
}
