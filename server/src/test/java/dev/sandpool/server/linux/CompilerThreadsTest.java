package dev.sandpool.server.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that compiles for later while somebody waits for it to start. */
class CompilerThreadsTest {
  private static final Path THREADS = Path.of("/proc/self/task");
  private static final String NAMED = "to be lowered";
  private static final int LOWEST = 19;
  private static final int NICE = 16;

  private final CountDownLatch done = new CountDownLatch(1);

  @BeforeEach
  void start() throws InterruptedException {
    for (String name : new String[] {NAMED, "another"}) {
      var running = new CountDownLatch(1);
      var life =
          new FutureTask<>(
              () -> {
                running.countDown();
                done.await();
                return name;
              });
      Thread.ofPlatform().daemon().name(name).start(life);
      running.await();
    }
  }

  @AfterEach
  void end() {
    done.countDown();
  }

  @Test
  void theNamedThreadsAreLoweredAndNoOther() throws IOException {
    int before = niceness("another");
    assumeTrue(before < LOWEST, "these tests run with the lowest priority already");

    CompilerThreads.lower(THREADS, NAMED, before + 1);

    assertThat(niceness(NAMED)).isEqualTo(before + 1);
    assertThat(niceness("another")).isEqualTo(before);
  }

  /** It is in the list, and is gone when its name is read. */
  @Test
  void aThreadThatEndsMeanwhileEndsNothing(@TempDir Path threads) throws IOException {
    int before = niceness(NAMED);
    assumeTrue(before < LOWEST, "these tests run with the lowest priority already");
    Path named = thread(NAMED);
    Files.createSymbolicLink(threads.resolve(named.getFileName()), named);
    for (int ended = 0; ended < 8; ended++) {
      Files.createDirectory(threads.resolve("ended-" + ended));
    }

    CompilerThreads.lower(threads, NAMED, before + 1);

    assertThat(niceness(NAMED)).isEqualTo(before + 1);
  }

  private static int niceness(String name) throws IOException {
    String stat = Files.readString(thread(name).resolve("stat"));
    return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[NICE]);
  }

  private static Path thread(String name) throws IOException {
    try (Stream<Path> threads = Files.list(THREADS)) {
      return threads.filter(thread -> name(thread).equals(name)).findFirst().orElseThrow();
    }
  }

  /** Nothing where it has ended. */
  private static String name(Path thread) {
    try {
      return Files.readString(thread.resolve("comm")).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
