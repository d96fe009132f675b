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

  /**
   * That of most programs: beside a thread of the server, which has -10, it weighs about a tenth.
   * It must not be much less, since it is for good: in a young server whose event loops have all
   * processors to do, the code that would make them faster has to become ready in seconds.
   */
  private static final int NICENESS = 0;

  private CompilerThreads() {}

  /** Gives the optimizing ones less weight than the server's other threads, for good. */
  public static void giveWay() {
    try {
      lower(THREADS, OPTIMIZING, NICENESS);
    } catch (IOException e) {
      log.debug("compilers go on beside everything else: {}", e.getMessage());
    }
  }

  /**
   * Threads that are started later have what that which starts them has.
   *
   * @param all folder with a folder for each thread
   */
  static void lower(Path all, String name, int niceness) throws IOException {
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(all)) {
      for (Path thread : threads) {
        try {
          if (Files.readString(thread.resolve("comm")).strip().equals(name)) {
            Syscalls.niceness(Long.parseLong(thread.getFileName().toString()), niceness);
          }
        } catch (IOException e) {
          // Most likely it has ended since it was listed.
          log.debug("thread {} goes on as it was: {}", thread.getFileName(), e.getMessage());
        }
      }
    }
  }
}
