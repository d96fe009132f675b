package dev.sandpool.server.doctor;

import dev.sandpool.server.linux.ProcFile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Room in the kernel's table of connections: when it is full, new ones are dropped. */
final class ConntrackCheck implements Check.Examination {
  private static final String FOLDER = "/proc/sys/net/netfilter/";

  @Override
  public List<Finding> examine() throws IOException {
    return List.of(
        judge(
            ProcFile.number(FOLDER + "nf_conntrack_count"),
            ProcFile.number(FOLDER + "nf_conntrack_max")));
  }

  static Finding judge(Optional<Long> count, Optional<Long> most) {
    if (count.isEmpty() || most.isEmpty()) {
      return Finding.ok("connections", "not counted yet: the kernel tracks none");
    }
    String found = count.get() + " of " + most.get() + " tracked";
    return count.get() > most.get() / 5 * 4
        ? Finding.warning(
            "connections",
            found,
            "the kernel drops new connections, those to sandboxes among them",
            "raise net.netfilter.nf_conntrack_max (sysctl)")
        : Finding.ok("connections", found);
  }
}
