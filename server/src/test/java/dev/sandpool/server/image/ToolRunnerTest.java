package dev.sandpool.server.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToolRunnerTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final List<String> HANGS =
      List.of("sh", "-c", "echo $$ > pid; exec tail -f /dev/null");

  @TempDir private Path directory;

  private final ToolRunner runner = new ToolRunner();

  @Test
  void outputAndErrorsAreKeptApartAndWhole() throws Exception {
    ToolRunner.Result result =
        runner.run(
            List.of("sh", "-c", "head -c 300000 /dev/zero; echo oh >&2; exit 3"), directory, LONG);
    assertThat(result.output()).hasSize(300_000);
    assertThat(result.errors()).isEqualTo("oh");
    assertThat(result.exitCode()).isEqualTo(3);
  }

  @Test
  void aToolThatHangsIsKilledAtItsDeadline() throws Exception {
    assertThatThrownBy(() -> runner.run(HANGS, directory, Duration.ofMillis(500)))
        .isInstanceOf(ToolRunner.DeadlineException.class);
    assertThat(ProcessHandle.of(pid()).map(ProcessHandle::isAlive))
        .isNotEqualTo(java.util.Optional.of(true));
  }

  @Test
  void aToolDiesWithItsInterruptedCaller() throws Exception {
    AtomicReference<@Nullable Exception> thrown = new AtomicReference<>();
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    runner.run(HANGS, directory, LONG);
                  } catch (Exception e) {
                    thrown.set(e);
                  }
                });
    await()
        .until(
            () ->
                Files.exists(directory.resolve("pid")) && Files.size(directory.resolve("pid")) > 1);
    caller.interrupt();
    assertThat(caller.join(Duration.ofSeconds(20))).isTrue();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertThat(ProcessHandle.of(pid()).map(ProcessHandle::isAlive))
        .isNotEqualTo(java.util.Optional.of(true));
  }

  private long pid() throws Exception {
    return Long.parseLong(Files.readString(directory.resolve("pid")).strip());
  }
}
