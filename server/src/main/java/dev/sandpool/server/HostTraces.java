package dev.sandpool.server;

import dev.sandpool.server.ledger.ClaimMark;
import dev.sandpool.server.secret.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * By what a server recognises the host that it left: the boot that it last ran in, kept with its
 * data, and the claim counter of this boot, kept where a boot clears it.
 */
final class HostTraces {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private final Path run;
  private final Path boot;

  /**
   * @param run the server's own folder, cleared by a boot
   * @param boot the file, in the data directory
   */
  HostTraces(Path run, Path boot) {
    this.run = run;
    this.boot = boot;
  }

  /** The claim counter, made if it is not there. */
  ClaimMark claims() throws IOException {
    return ClaimMark.open(run.resolve("claims"));
  }

  /** Whether a server with this data has run in another boot, and in none since. */
  boolean rebooted() throws IOException {
    try {
      return !Files.readString(boot).strip().equals(current());
    } catch (NoSuchFileException e) {
      return false; // The first start.
    }
  }

  /** Remembers this boot; once what an earlier one left is dealt with. */
  void remember() throws IOException {
    if (!Files.exists(boot) || rebooted()) {
      PrivateFile.write(boot, (current() + "\n").getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** Leaves nothing on the host, where no sandbox is left either. */
  void remove() throws IOException {
    Files.deleteIfExists(run.resolve("claims"));
  }

  private static String current() throws IOException {
    return Files.readString(BOOT_ID).strip();
  }
}
