package dev.sandpool.server.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * {@code engine.microvm}: what virtual machines are made of, where {@code engine.isolation} asks
 * for them.
 *
 * @param kernel that guests run; absent: there are no virtual machines
 * @param initramfs with which guests begin; absent: there are no virtual machines
 * @param emulation whether a program may play their processor: {@code forbidden}, {@code allowed}
 *     where the host's own cannot be used, {@code forced}
 * @param snapshotBytes that the machines which others start from may take on the disk together
 */
public record MicrovmSettings(
    Optional<Path> kernel, Optional<Path> initramfs, String emulation, long snapshotBytes) {
  static MicrovmSettings read(Section section) {
    return new MicrovmSettings(
        section.optional("kernel", "none: no virtual machines", Form.absolutePath()),
        section.optional("initramfs", "none: no virtual machines", Form.absolutePath()),
        section.value("emulation", "forbidden", Form.oneOf("forbidden", "allowed", "forced")),
        section.value("snapshotBytes", "8Gi", Form.size("64Mi", "16Ti")));
  }
}
