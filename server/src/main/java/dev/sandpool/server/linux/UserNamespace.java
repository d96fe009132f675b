package dev.sandpool.server.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A user namespace (user_namespaces(7)) whose ids 0 to 65535 are ids of this host that own nothing:
 * who is root in it has no rights outside. Kept by its descriptor; processes enter it by {@link
 * #path}.
 */
public final class UserNamespace implements AutoCloseable {
  private static final int IDS = 65_536;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final int descriptor;

  private UserNamespace(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Makes one.
   *
   * @param firstId the host's user and group id that is 0 inside
   */
  public static UserNamespace create(int firstId) throws IOException {
    Process holder = Command.prepare(List.of("unshare", "--user", "cat")).start();
    try {
      Path process = Path.of("/proc", Long.toString(holder.pid()));
      awaitOwn(process.resolve("ns/user"));
      String map = "0 %d %d".formatted(firstId, IDS);
      Files.writeString(process.resolve("uid_map"), map);
      Files.writeString(process.resolve("gid_map"), map);
      return new UserNamespace(Syscalls.open(process.resolve("ns/user")));
    } finally {
      holder.destroyForcibly();
    }
  }

  /** The holder is a copy of this process until it has made the namespace. */
  private static void awaitOwn(Path namespace) throws IOException {
    Path ours = Files.readSymbolicLink(Path.of("/proc/self/ns/user"));
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (Files.readSymbolicLink(namespace).equals(ours)) {
      if (System.nanoTime() > deadline) {
        throw new IOException("this kernel makes no user namespace within " + PATIENCE);
      }
      Thread.onSpinWait();
    }
  }

  int descriptor() {
    return descriptor;
  }

  /** Where nsenter(1) finds it. */
  public Path path() {
    return Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd", "" + descriptor);
  }

  @Override
  public void close() throws IOException {
    Syscalls.close(descriptor);
  }
}
