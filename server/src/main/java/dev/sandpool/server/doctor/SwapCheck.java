package dev.sandpool.server.doctor;

import dev.sandpool.server.linux.Mounts;
import dev.sandpool.server.linux.ProcFile;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** Whether a sandbox at its memory bound could go on in swap. */
final class SwapCheck implements Check.Examination {
  @Override
  public List<Finding> examine() throws IOException {
    boolean bounded =
        Mounts.all().stream()
            .filter(m -> m.type().equals("cgroup") && m.options().contains("memory"))
            .allMatch(m -> Files.exists(m.target().resolve("memory.memsw.limit_in_bytes")));
    return List.of(judge(ProcFile.memory().getOrDefault("SwapTotal", 0L), bounded));
  }

  static Finding judge(long bytes, boolean bounded) {
    if (bytes == 0) {
      return Finding.ok("swap", "none");
    }
    return bounded
        ? Finding.ok("swap", Amount.of(bytes) + ", bounded for each sandbox")
        : Finding.warning(
            "swap",
            Amount.of(bytes) + ", not counted by this kernel",
            "a sandbox at its memory bound slows the host down instead of ending",
            "switch swap off, or boot with swapaccount=1");
  }
}
