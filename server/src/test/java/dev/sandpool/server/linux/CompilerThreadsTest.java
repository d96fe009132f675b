package dev.sandpool.server.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A JVM that compiles for later while somebody waits for it to start. */
class CompilerThreadsTest {
  private static final String COMPILER = "C1 CompilerThre";
  private static final int NICE = 16;

  @Test
  void theNamedThreadsAreLoweredAndNoOther() throws IOException {
    Map<String, List<Integer>> before = niceness();
    int lower = before.getOrDefault(COMPILER, List.of()).getFirst() + 1;
    CompilerThreads.lower(COMPILER, lower);
    Map<String, List<Integer>> after = niceness();
    assertThat(after.get(COMPILER)).isNotEmpty().containsOnly(lower);
    assertThat(after.get("VM Thread")).isEqualTo(before.get("VM Thread"));
  }

  private static Map<String, List<Integer>> niceness() throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
      return threads
          .map(CompilerThreadsTest::stat)
          .filter(stat -> !stat.isEmpty())
          .collect(
              Collectors.groupingBy(
                  stat -> stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
                  Collectors.mapping(
                      stat ->
                          Integer.parseInt(
                              stat.substring(stat.lastIndexOf(')') + 2).split(" ")[NICE]),
                      Collectors.toList())));
    }
  }

  private static String stat(Path thread) {
    try {
      return Files.readString(thread.resolve("stat"));
    } catch (IOException e) {
      if (Files.exists(thread)) {
        throw new UncheckedIOException(e);
      }
      return "";
    }
  }
}
