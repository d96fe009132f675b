package dev.sandpool.server.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tools that hang, fail, or fail before they have read what they were given. */
class CommandTest {
  private static final String MUCH = "x".repeat(1 << 20);

  @Test
  void oneThatHangsIsKilledAndNotTakenForOneThatHasFailed() {
    assertThatThrownBy(() -> Command.run(List.of("sleep", "1000"), "", Duration.ofMillis(200)))
        .isInstanceOf(Command.LateException.class)
        .hasMessage("sleep was not done after PT0.2S");
  }

  @Test
  void oneThatPrintsWithoutEndIsKilledBeforeItsOutputFillsTheMemory() {
    assertThatThrownBy(() -> Command.run(List.of("yes"), "", Duration.ofSeconds(30)))
        .isInstanceOf(IOException.class)
        .hasMessage("yes printed more than 16 MiB");
  }

  @Test
  void oneThatHasToStopIsKilledAndNotTakenForOneThatHasFailed() {
    assertThatThrownBy(
            () -> Command.run(List.of("sleep", "1000"), "", Duration.ofSeconds(30), () -> true))
        .isInstanceOf(Command.StoppedException.class)
        .hasMessage("sleep was stopped");
  }

  @Test
  void oneThatFailsSaysSoAlsoWithoutReadingItsInput() throws IOException {
    Command.Result result = Command.run(List.of("sh", "-c", "echo no room >&2; exit 3"), MUCH);

    assertThat(result).isEqualTo(new Command.Result(3, "no room"));
  }
}
