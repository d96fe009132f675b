package dev.sandpool.server.doctor;

import dev.sandpool.server.linux.ProcFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Room for open files: each connection of the gateway is one, in one process. */
final class OpenFilesCheck implements Check.Examination {
  private static final long MANY = 65_536;

  /**
   * Bounds on open files.
   *
   * @param ours the hard limit of this process, which the server would have as well
   * @param taken of the whole host
   * @param host fs.file-max
   */
  record Facts(long ours, long taken, long host) {}

  @Override
  public List<Finding> examine() throws IOException {
    String[] host = ProcFile.text("/proc/sys/fs/file-nr").split("\\s+");
    String ours =
        Files.readAllLines(Path.of("/proc/self/limits")).stream()
            .filter(line -> line.startsWith("Max open files"))
            .map(line -> line.strip().split("\\s+")[4])
            .findFirst()
            .orElse("unlimited");
    return judge(
        new Facts(
            ours.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(ours),
            Long.parseLong(host[0]),
            Long.parseLong(host[2])));
  }

  static List<Finding> judge(Facts facts) {
    String most = facts.ours() == Long.MAX_VALUE ? "any number" : "up to " + facts.ours();
    Finding own =
        facts.ours() < MANY
            ? Finding.warning(
                "open files",
                most + " in one process",
                "the gateway holds at most half as many connections, and processes in sandboxes"
                    + " open no more files than that",
                "raise the hard limit to " + MANY + " (LimitNOFILE of the unit, or ulimit -n)")
            : Finding.ok("open files", most + " in one process");
    String filled = facts.taken() + " of " + facts.host() + " taken";
    Finding all =
        facts.taken() > facts.host() / 5 * 4
            ? Finding.warning(
                "host's files",
                filled,
                "soon nothing on this host can open a file",
                "raise fs.file-max (sysctl), or end what holds them")
            : Finding.ok("host's files", filled);
    return List.of(own, all);
  }
}
