package dev.sandpool.server.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of this JVM that turn what is hot into machine code. The optimizing one knows from
 * its profiles what will be hot and begins at once: in the second in which a server starts it would
 * take a processor from everything else, and later some of it from who answers.
 */
public final class CompilerThreads {
  private static final Logger log = LoggerFactory.getLogger(CompilerThreads.class);
  private static final Path THREADS = Path.of("/proc/self/task");

  /** The kernel has 15 characters of a thread's name. */
  private static final String OPTIMIZING = "C2 CompilerThre";

  /** Eighty-seven times less than that of the server's other threads, which have -10. */
  private static final int NICENESS = 10;

  private CompilerThreads() {}

  /** Has the optimizing ones run when no other thread of the server wants to, for good. */
  public static void giveWay() {
    try {
      lower(OPTIMIZING, NICENESS);
    } catch (IOException e) {
      log.debug("compilers go on beside everything else: {}", e.getMessage());
    }
  }

  /** Threads that are started later have what that which starts them has. */
  static void lower(String name, int niceness) throws IOException {
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      for (Path thread : threads) {
        if (Files.readString(thread.resolve("comm")).strip().equals(name)) {
          Syscalls.niceness(Long.parseLong(thread.getFileName().toString()), niceness);
        }
      }
    }
  }
}
