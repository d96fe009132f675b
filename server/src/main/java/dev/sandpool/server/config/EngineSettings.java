package dev.sandpool.server.config;

import dev.sandpool.model.Isolation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code engine}: how sandboxes are started and stopped.
 *
 * @param kind {@code oci}
 * @param isolation the weakest isolation with which the server may start; absent: any but {@code
 *     container}, which has to be asked for
 * @param runsc gVisor's runtime; absent: looked for on the PATH
 * @param runc the plain runtime; absent: looked for on the PATH
 * @param microvm what virtual machines are made of
 * @param startWidth how many sandboxes start at the same time
 * @param refillWidth how many of them for which no caller waits
 * @param readyDeadline how long a started sandbox may take until it listens
 * @param stopGrace from TERM to KILL
 * @param consoleBytes how much of a sandbox's output is kept on disk
 * @param diskBytes how much a sandbox may write
 * @param diskFiles how many files, folders and links it may make
 * @param diskRate bytes a second that it may write, and as many that it may read
 */
public record EngineSettings(
    String kind,
    Optional<Isolation> isolation,
    Optional<Path> runsc,
    Optional<Path> runc,
    MicrovmSettings microvm,
    int startWidth,
    int refillWidth,
    Duration readyDeadline,
    Duration stopGrace,
    long consoleBytes,
    long diskBytes,
    long diskFiles,
    long diskRate) {
  private static final long BYTES_PER_FILE = 16 << 10;
  private static final long LEAST_BYTES_PER_FILE = 4 << 10;

  static EngineSettings read(Section section, Machine machine) {
    long disk = section.value("disk", "1Gi", Form.size("16Mi", "1Ti"));
    long files =
        section.value(
            "diskFiles",
            Long.toString(disk / BYTES_PER_FILE),
            "one for each 16Ki of `engine.disk`",
            Form.integer(1024, Integer.MAX_VALUE));
    if (files > disk / LEAST_BYTES_PER_FILE) {
      section.refuse(
          "diskFiles",
          files + " is too many for a disk of " + disk + " bytes; accepted: one for each 4096");
    }
    return new EngineSettings(
        section.value("kind", "oci", Form.oneOf("oci")),
        section.optional("isolation", "the strongest found, never `container`", Form.isolation()),
        section.optional("runsc", "found on the PATH", Form.absolutePath()),
        section.optional("runc", "found on the PATH", Form.absolutePath()),
        MicrovmSettings.read(section.section("microvm")),
        section.value(
            "startWidth",
            Integer.toString(Math.clamp(2L * machine.cores(), 1, 256)),
            "2 for each core",
            Form.integer(1, 256)),
        section.value(
            "refillWidth",
            Integer.toString(Math.clamp(machine.cores(), 1, 256)),
            "1 for each core",
            Form.integer(1, 256)),
        section.value("readyDeadline", "2m", Form.duration("1s", "1h")),
        section.value("stopGrace", "2s", Form.duration("0s", "10m")),
        section.value("consoleBytes", "10Mi", Form.size("64Ki", "1Gi")),
        disk,
        files,
        section.value("diskRate", "32Mi", Form.size("1Mi", "1Ti")));
  }
}
