package dev.sandpool.server.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What this process may ask of the kernel, as far as the kernel tells that without a trial. It can
 * change while the host runs: a container is made anew with fewer rights, an operator closes what
 * was open.
 */
public final class ProcessRights {
  private static final List<String> OF_THE_PROCESS = List.of("CapEff", "Seccomp", "NoNewPrivs");
  private static final List<String> OF_THE_HOST =
      List.of(
          "user.max_user_namespaces",
          "kernel.unprivileged_userns_clone",
          "kernel.apparmor_restrict_unprivileged_userns");

  private static final String NOT_TOLD = "-";

  private ProcessRights() {}

  /**
   * All of them in one line, which is another after a change of any.
   *
   * @param proc where the kernel shows its files
   */
  public static String read(Path proc) throws IOException {
    List<String> rights = new ArrayList<>();
    List<String> status = Files.readAllLines(proc.resolve("self/status"));
    for (String name : OF_THE_PROCESS) {
      rights.add(name + "=" + ofStatus(status, name + ":"));
    }
    // Capabilities of another user namespace look the same and are worth less.
    rights.add("namespace=" + Files.readSymbolicLink(proc.resolve("self/ns/user")));
    rights.add("label=" + told(proc.resolve("self/attr/current")));
    for (String name : OF_THE_HOST) {
      rights.add(name + "=" + told(proc.resolve("sys").resolve(name.replace('.', '/'))));
    }
    return String.join(" ", rights);
  }

  private static String ofStatus(List<String> status, String start) {
    return status.stream()
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(start.length()).strip())
        .findFirst()
        .orElse(NOT_TOLD);
  }

  /** Many kernels have no such file, and one without security modules gives no label. */
  private static String told(Path file) {
    try {
      return ProcFile.text(file.toString());
    } catch (IOException e) {
      return NOT_TOLD;
    }
  }
}
