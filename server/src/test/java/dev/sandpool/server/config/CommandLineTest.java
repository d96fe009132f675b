package dev.sandpool.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--prot 1                 | unknown option --prot",
        "-h                       | unknown option -h",
        "now                      | unexpected argument now",
        "--listen                 | option --listen needs a value",
        "--listen=                | option --listen needs a value",
        "--config --dev           | option --config needs a value",
        "--dev=yes                | option --dev takes no value",
        "--dev --dev              | option --dev is there twice",
        "--listen 80              | --listen '80' is not accepted; accepted: HOST:PORT",
        "--sandboxes maybe        | --sandboxes 'maybe' is not accepted; accepted: keep or stop",
      })
  void aMisuseIsOneLineThatSaysWhatToDo(String arguments, String expected) {
    var parsed = CommandLine.parse(List.of(arguments.split(" ")));
    assertThat(parsed)
        .isInstanceOfSatisfying(
            CommandLine.Parsed.Misuse.class,
            misuse ->
                assertThat(misuse.line())
                    .startsWith("sandpool serve: " + expected)
                    .endsWith("see sandpool serve --help")
                    .doesNotContain("\n"));
  }

  @Test
  void helpNamesEveryOptionWithExamples() {
    assertThat(CommandLine.parse(List.of("--help")))
        .isInstanceOfSatisfying(
            CommandLine.Parsed.Help.class,
            help ->
                assertThat(help.text())
                    .contains("--config", "--data-dir", "--listen", "--management-listen")
                    .contains("--dev", "--sandboxes keep|stop", "Examples:"));
  }
}
