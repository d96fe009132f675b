package dev.sandpool.e2e.attack;

import dev.sandpool.e2e.Shell;
import dev.sandpool.server.engine.microvm.Emulation;
import dev.sandpool.server.engine.microvm.MicrovmConfig;
import dev.sandpool.server.engine.oci.OciEngineConfig.Runtimes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;

/**
 * Virtual machines in two forms: as the engine has them, and with a guest whose first program keeps
 * every privilege for the application, as if that had broken the guest's kernel.
 *
 * @param locked the guest as it is
 * @param unlocked the one that gives everything away
 * @param permissive runc that lets the guest's kernel give away its devices too
 */
record Machines(MicrovmConfig locked, MicrovmConfig unlocked, Runtimes permissive) {
  /** What keeps an application from its guest's kernel, and what there is without it. */
  private static final Map<String, String> WALLS =
      Map.of(
          "\n  drop_privileges();\n", "\n",
          ", \"/proc/sysrq-trigger\"}", "}",
          ", \"nsdelegate\")", ", NULL)");

  /** Else the kernel keeps the registers of devices that it drives from everybody. */
  private static final String RUNTIME =
      """
      #!/bin/sh
      verb= bundle= previous=
      for word; do
        [ "$previous" = --bundle ] && bundle=$word
        case $word in create | run) verb=create ;; esac
        previous=$word
      done
      if [ "$verb" = create ]; then
        sed 's/reboot=t /iomem=relaxed &/' <"$bundle/config.json" >"$bundle/weak" &&
          mv "$bundle/weak" "$bundle/config.json" || exit 1
      fi
      exec runc "$@"
      """;

  /**
   * Makes the second of the first.
   *
   * @param guest folder of vmlinuz and initramfs
   * @param source of the first program
   * @param work folder for what is made
   */
  static Machines of(Path guest, Path source, Path work) throws IOException, InterruptedException {
    Path open = Files.createDirectories(work.resolve("unlocked"));
    String program = Files.readString(source);
    for (Map.Entry<String, String> wall : WALLS.entrySet()) {
      if (!program.contains(wall.getKey())) {
        throw new IOException(source + " has other walls than this kit knows: " + wall.getKey());
      }
      program = program.replace(wall.getKey(), wall.getValue());
    }
    Files.writeString(open.resolve("init.c"), program);
    Shell.run(open, "gcc", "-static", "-O2", "-w", "-o", "init", "init.c");
    // Of two archives in a row the kernel takes the files of the later one.
    Shell.run(
        open,
        "sh",
        "-ec",
        "cp \"$1\" initramfs; echo init | busybox cpio -o -H newc >>initramfs; chmod 644 initramfs",
        "sh",
        guest.resolve("initramfs").toString());
    Files.copy(
        guest.resolve("readonly.so"),
        open.resolve("readonly.so"),
        StandardCopyOption.REPLACE_EXISTING);
    Path script = open.resolve("runc");
    Files.writeString(script, RUNTIME);
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    return new Machines(
        config(guest, guest),
        config(guest, open),
        new Runtimes(Runtimes.container().isolation(), Optional.empty(), Optional.of(script)));
  }

  private static MicrovmConfig config(Path kernel, Path first) {
    return new MicrovmConfig(
        Optional.of(kernel.resolve("vmlinuz")),
        Optional.of(first.resolve("initramfs")),
        Emulation.ALLOWED);
  }
}
