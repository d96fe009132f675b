package dev.sandpool.e2e.attack;

import dev.sandpool.e2e.Shell;
import dev.sandpool.server.time.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A host within the host: network, mounts and processes of its own, so that attacks and weakened
 * configurations touch nothing else, and all of it ends with its first process.
 */
final class HostBox {
  /** The file in the kit's folder that lists the names under which it has anything on the host. */
  static final String INSTANCES = "instances";

  /** Machines that are emulated take most of six minutes on two busy processors. */
  private static final long LIMIT_SECONDS = Patience.of(Duration.ofMinutes(15)).toSeconds();

  /** What outlives processes, mounts and networks, where the kit was killed. */
  private static final String REMOVE_CGROUPS =
      """
      [ -e "$1" ] || exit 0
      while read -r prefix; do
        find /sys/fs/cgroup -mindepth 1 -depth -path "*/$prefix*" -type d -exec rmdir {} + || :
      done <"$1"
      rm "$1"
      """;

  /** The new network's interfaces in /sys, the old cgroups beneath it, no others' namespaces. */
  private static final String SETUP =
      """
      set -e
      mkdir -p "$1/cgroup" /run/netns
      mount --rbind /sys/fs/cgroup "$1/cgroup"
      mount -t sysfs sysfs /sys
      mount --rbind "$1/cgroup" /sys/fs/cgroup
      umount -l "$1/cgroup"
      mount -t tmpfs tmpfs /run/netns
      shift
      "$@"
      """;

  private HostBox() {}

  /**
   * The kit as a program, for hosts without a build. Arguments: {@code gvisor} or {@code
   * container}, the runtime's program or {@code -}, the sample image's archive, a folder for the
   * table and everything else.
   */
  public static void main(String[] args) throws Exception {
    String said = attack(args[0], args[1], Path.of(args[2]), Path.of(args[3]));
    System.out.print(said);
    System.exit(said.isEmpty() ? 0 : 1);
  }

  /**
   * Runs the kit to its end in a box.
   *
   * @param archive the sample image
   * @param folder for {@code attack-ISOLATION.md} and everything else
   * @return what it said if it failed, else nothing
   */
  static String attack(String isolation, String program, Path archive, Path folder)
      throws IOException, InterruptedException {
    Path target = Files.createDirectories(folder.toAbsolutePath());
    Path work = Files.createDirectories(target.resolve("attack-" + isolation));
    Files.setPosixFilePermissions(
        work, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    List<String> command =
        new ArrayList<>(List.of("unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc"));
    command.addAll(List.of("--kill-child", "--propagation", "private"));
    command.addAll(List.of("sh", "-c", SETUP, "sh", work.toString()));
    command.addAll(
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "--enable-native-access=ALL-UNNAMED",
            "-Dsandpool.test.patience=" + Patience.of(Duration.ofSeconds(1)).toSeconds(),
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            AttackKit.class.getName(),
            isolation,
            program,
            archive.toAbsolutePath().toString(),
            work.toString(),
            target.resolve("attack-" + isolation + ".md").toString(),
            Path.of(System.getProperty("sandpool.root", ".."), "images/microvm/init.c")
                .toAbsolutePath()
                .toString()));
    Path log = target.resolve("attack-" + isolation + ".log");
    Process kit =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      if (!kit.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        return "not done after " + LIMIT_SECONDS + " s:\n" + Files.readString(log);
      }
      return kit.exitValue() == 0
          ? ""
          : "ended with " + kit.exitValue() + ":\n" + Files.readString(log);
    } finally {
      kit.destroyForcibly().waitFor();
      Shell.run(target, "sh", "-c", REMOVE_CGROUPS, "sh", work.resolve(INSTANCES).toString());
    }
  }
}
