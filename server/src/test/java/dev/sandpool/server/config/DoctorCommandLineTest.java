package dev.sandpool.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.config.DoctorCommandLine.Parsed;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoctorCommandLineTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--output yaml         | --output 'yaml' is not accepted; accepted: table or json",
        "--instance abcd       | option --instance goes with --fix",
        "--fix --instance ABCD | --instance 'ABCD' is not accepted; accepted: 4 characters of a-z2-7",
        "--fix=yes             | option --fix takes no value",
        "--dev                 | unknown option --dev",
      })
  void aMisuseIsOneLineThatSaysWhatToDo(String arguments, String expected) {
    assertThat(DoctorCommandLine.parse(List.of(arguments.split(" "))))
        .isEqualTo(
            new Parsed.Misuse("sandpool doctor: " + expected + "; see sandpool doctor --help"));
  }

  @Test
  void nothingIsMendedUnlessAsked() {
    assertThat(DoctorCommandLine.parse(List.of()))
        .isInstanceOfSatisfying(
            Parsed.Run.class,
            run -> {
              assertThat(run.fix()).isFalse();
              assertThat(run.json()).isFalse();
              assertThat(run.abandoned()).isEmpty();
            });
    assertThat(DoctorCommandLine.parse(List.of("--fix", "--output=json", "--instance", "abcd")))
        .isInstanceOfSatisfying(
            Parsed.Run.class,
            run -> {
              assertThat(run.fix()).isTrue();
              assertThat(run.json()).isTrue();
              assertThat(run.abandoned()).isPresent();
            });
  }

  @Test
  void helpNamesEveryOptionWithExamples() {
    assertThat(DoctorCommandLine.parse(List.of("--help")))
        .isInstanceOfSatisfying(
            Parsed.Help.class,
            help ->
                assertThat(help.text())
                    .contains("--config", "--data-dir", "--fix", "--instance", "--output")
                    .contains("Exit code", "Examples:"));
  }
}
