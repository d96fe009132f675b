package dev.sandpool.e2e.engine;

import dev.sandpool.server.engine.microvm.Emulation;
import dev.sandpool.server.engine.microvm.MicrovmConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/** Kernel and first file system of virtual machines, made by {@code images/microvm/build}. */
public final class MicrovmGuest {
  private MicrovmGuest() {}

  /** Machines with a processor that is emulated whatever the host has. */
  static MicrovmConfig emulated() {
    return machines(Emulation.FORCED);
  }

  /** Machines of that kind. */
  static MicrovmConfig machines(Emulation emulation) {
    Path folder = folder();
    return new MicrovmConfig(
        Optional.of(folder.resolve("vmlinuz")),
        Optional.of(folder.resolve("initramfs")),
        emulation);
  }

  /** The same in the words of a server's configuration. */
  public static String serverConfig() {
    Path folder = folder();
    return """
    engine:
      isolation: microvm
      readyDeadline: 10m
      microvm:
        kernel: %s
        initramfs: %s
        emulation: forced
    """
        .formatted(folder.resolve("vmlinuz"), folder.resolve("initramfs"));
  }

  /** Where they are; asking whether there are newer ones takes long, so once for all tests. */
  public static Path folder() {
    return Made.FOLDER;
  }

  private static final class Made {
    static final Path FOLDER = make();
  }

  private static Path make() {
    Path root = Path.of(System.getProperty("sandpool.root", "..")).toAbsolutePath().normalize();
    Path folder = root.resolve(".build/microvm");
    try {
      Process build =
          new ProcessBuilder(root.resolve("images/microvm/build").toString(), folder.toString())
              .redirectErrorStream(true)
              .redirectOutput(Path.of("target/microvm-build.log").toFile())
              .start();
      if (build.waitFor() != 0) {
        throw new IOException("images/microvm/build failed; see target/microvm-build.log");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return folder;
  }
}
