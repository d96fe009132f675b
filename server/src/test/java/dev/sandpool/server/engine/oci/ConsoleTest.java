package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleTest {
  @TempDir Path folder = Path.of("/nonexistent");

  @Test
  void aFollowerGoesOnAcrossRotationAndEndsWithTheSandbox() throws Exception {
    Path log = folder.resolve("log");
    Files.writeString(log, "one\n");
    var alive = new AtomicBoolean(true);
    try (InputStream in = ConsoleStream.follow(log, alive::get).orElseThrow();
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      assertThat(reader.readLine()).isEqualTo("one");
      Files.writeString(log, "two\n", StandardOpenOption.APPEND);
      assertThat(reader.readLine()).isEqualTo("two");

      Path fresh = folder.resolve("log.tmp");
      Files.writeString(fresh, "three\n");
      Files.move(fresh, log, StandardCopyOption.ATOMIC_MOVE);
      assertThat(reader.readLine()).isEqualTo("three");

      Files.writeString(log, "last\n", StandardOpenOption.APPEND);
      alive.set(false);
      assertThat(reader.readLine()).isEqualTo("last");
      assertThat(reader.readLine()).isNull();
    }
  }

  @Test
  void thereIsNoConsoleOfWhatIsGone() throws Exception {
    assertThat(ConsoleStream.read(folder.resolve("none/log"))).isEmpty();
    assertThat(ConsoleStream.follow(folder.resolve("none/log"), () -> true)).isEmpty();
  }

  @Test
  void theLastOutputIsTheApplicationsTextInBounds() throws Exception {
    Path log = folder.resolve("log");
    Files.writeString(
        log,
        """
        2026-11-22T05:36:25.835+00:00 stdout P half
        2026-11-22T05:36:25.835+00:00 stdout F  line
        2026-11-22T05:36:25.836+00:00 stderr F oops
        """);
    assertThat(LastOutput.of(log)).isEqualTo("half line\noops");

    Files.writeString(log, "2026-11-22T05:36:25.835+00:00 stdout F ümlaut\n".repeat(2000));
    assertThat(LastOutput.of(log).getBytes(StandardCharsets.UTF_8).length).isBetween(2040, 2048);
    assertThat(LastOutput.of(folder.resolve("none"))).isEmpty();
  }
}
