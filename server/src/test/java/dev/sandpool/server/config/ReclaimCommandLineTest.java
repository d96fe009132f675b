package dev.sandpool.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.config.ReclaimCommandLine.Parsed;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A command that ends sessions, told in another one's words. */
class ReclaimCommandLineTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--dev            | unknown option --dev",
        "--listen :7070   | unknown option --listen",
        "--data-dir       | option --data-dir needs a value",
        "everything       | unexpected argument everything",
      })
  void aMisuseIsOneLineOfItsOwn(String arguments, String expected) {
    assertThat(ReclaimCommandLine.parse(List.of(arguments.split(" "))))
        .isEqualTo(
            new Parsed.Misuse("sandpool reclaim: " + expected + "; see sandpool reclaim --help"));
  }

  @Test
  void helpSaysWhatIsLostWithExitCodesAndExamples() {
    assertThat(ReclaimCommandLine.parse(List.of("--help")))
        .isInstanceOfSatisfying(
            Parsed.Help.class,
            help ->
                assertThat(help.text())
                    .contains("Sessions are lost", "--data-dir", "--config", "Exit codes:")
                    .contains("Examples:\n  sandpool reclaim\n"));
  }

  @Test
  void dataDirectoryAndConfigurationAreThoseOfTheServer() {
    assertThat(ReclaimCommandLine.parse(List.of("--data-dir", "/d", "--config=/c.yaml")))
        .isInstanceOfSatisfying(
            Parsed.Run.class,
            run -> {
              assertThat(run.server().dataDirectory()).contains(Path.of("/d"));
              assertThat(run.server().config()).isEqualTo(Optional.of(Path.of("/c.yaml")));
            });
  }
}
