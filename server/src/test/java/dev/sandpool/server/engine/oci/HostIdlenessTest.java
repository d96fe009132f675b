package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host that has nothing to do is not taken for a busy one, nor the other way round. */
class HostIdlenessTest {
  @TempDir Path folder = Path.of("/nonexistent");

  private double after(HostIdleness host, String line) throws IOException {
    Files.writeString(folder.resolve("stat"), line + "\ncpu0 1 2 3\n");
    return host.idleShare();
  }

  @Test
  void itIsTheShareSinceTheLastQuestion() throws Exception {
    var host = new HostIdleness(folder.resolve("stat"));
    after(host, "cpu  100 0 100 700 100 0 0 0 0 0");

    assertThat(after(host, "cpu  130 10 120 730 110 0 0 0 0 0")).isEqualTo(0.4);
    assertThat(after(host, "cpu  230 10 120 730 110 0 0 0 99 99")).isZero();
    assertThat(after(host, "cpu  230 10 120 730 110 0 0 0 99 99")).isEqualTo(1);
    // What another guest of the same machine took is not idle.
    assertThat(after(host, "cpu  230 10 120 755 110 0 0 75 99 99")).isEqualTo(0.25);
  }

  @Test
  void anUnknownFormIsNamed() {
    var host = new HostIdleness(folder.resolve("stat"));
    assertThatThrownBy(() -> after(host, "intr 1"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("intr 1");
  }

  @Test
  void theHostsOwnFileIsUnderstood() throws Exception {
    assertThat(new HostIdleness(HostIdleness.FILE).idleShare()).isBetween(0.0, 1.0);
  }
}
