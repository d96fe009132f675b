package dev.sandpool.server.engine.microvm;

import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.linux.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files that machines are made of.
 *
 * @param version of QEMU, for a person
 */
public record MachineParts(Path qemu, String version, Path kernel, Path initramfs) {
  private static final Pattern VERSION = Pattern.compile("version (\\d+(\\.\\d+)*)");
  private static final String QEMU = "qemu-system-x86_64";

  /** Where the host's programs are in the monitor's container. */
  private static final Path PROGRAMS = Path.of("/usr");

  /**
   * Finds them.
   *
   * @throws EngineUnavailableException naming the one that is not there
   */
  public static MachineParts find(Optional<Path> kernel, Optional<Path> initramfs)
      throws EngineUnavailableException {
    if (!System.getProperty("os.arch", "").equals("amd64")) {
      throw new EngineUnavailableException(
          "virtual machines are made for amd64, and this host is " + System.getProperty("os.arch"));
    }
    Path qemu =
        Command.find(QEMU)
            .filter(path -> path.startsWith(PROGRAMS))
            .orElseThrow(
                () ->
                    new EngineUnavailableException(
                        "the program '"
                            + QEMU
                            + "' is missing in /usr; install the package qemu-system-x86"));
    return new MachineParts(
        qemu,
        version(qemu),
        file(kernel, "kernel", "a Linux kernel, Debian's vmlinuz of linux-image-cloud-amd64"),
        file(
            initramfs, "initramfs", "the first file system of a guest, with the kernel's modules"));
  }

  private static Path file(Optional<Path> configured, String key, String what)
      throws EngineUnavailableException {
    if (configured.isEmpty()) {
      throw new EngineUnavailableException(
          "engine.microvm."
              + key
              + " is not set: "
              + what
              + "; images/microvm/build FOLDER makes both files");
    }
    if (!Files.isReadable(configured.get())) {
      throw new EngineUnavailableException(
          configured.get()
              + ", configured as engine.microvm."
              + key
              + ", cannot be read; images/microvm/build FOLDER makes it");
    }
    return configured.get();
  }

  /** What lets machines start as clones, where it was made too. */
  Optional<Path> preloaded() {
    return Optional.of(initramfs.resolveSibling(Jail.PRELOADED)).filter(Files::isReadable);
  }

  private static String version(Path qemu) throws EngineUnavailableException {
    try {
      Matcher version = VERSION.matcher(Command.require(List.of(qemu.toString(), "--version"), ""));
      return version.find() ? version.group(1) : "of unknown version";
    } catch (IOException e) {
      throw new EngineUnavailableException(qemu + " cannot be run: " + e.getMessage(), e);
    }
  }
}
