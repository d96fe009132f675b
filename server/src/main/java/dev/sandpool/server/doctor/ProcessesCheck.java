package dev.sandpool.server.doctor;

import dev.sandpool.server.linux.ProcFile;
import java.io.IOException;
import java.util.List;

/** Room for processes: a gVisor sandbox takes about thirty of the host before its guest works. */
final class ProcessesCheck implements Check.Examination {
  private static final int EACH = 30;
  private static final int FEW = 50 * EACH;

  /**
   * Processes and threads of the whole host.
   *
   * @param running now
   * @param limit the lesser of kernel.pid_max and kernel.threads-max
   */
  record Facts(long running, long limit) {}

  @Override
  public List<Finding> examine() throws IOException {
    String running = ProcFile.text("/proc/loadavg").split(" ")[3];
    return List.of(
        judge(
            new Facts(
                Long.parseLong(running.substring(running.indexOf('/') + 1)),
                Math.min(
                    ProcFile.number("/proc/sys/kernel/pid_max").orElse(Long.MAX_VALUE),
                    ProcFile.number("/proc/sys/kernel/threads-max").orElse(Long.MAX_VALUE)))));
  }

  static Finding judge(Facts facts) {
    long room = facts.limit() - facts.running();
    String found = facts.running() + " of " + facts.limit() + " taken";
    return room < FEW
        ? Finding.warning(
            "processes",
            found,
            "about " + Math.max(0, room / EACH) + " sandboxes start, and then nothing on this host",
            "raise kernel.pid_max and kernel.threads-max (sysctl)")
        : Finding.ok("processes", found);
  }
}
