package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script that bash runs at the tab key, run by bash. */
class CompletionTest extends CliTestBase {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'sandpool '                                                | env sessionpool session account doctor serve completion
          'sandpool d'                                               | doctor
          'sandpool r'                                               | reclaim restore role rotate-key
          'sandpool reclaim --'                                      | --data-dir --config
          'sandpool sessionpool '                                    | create update show list delete settings
          'sandpool sessionpool settings u'                          | update
          'sandpool session code-interpreter '                       | execute upload-file list-files show-file-content show-file-metadata delete-file
          'sandpool sessionpool create --reg'                        | --registry-server --registry-username --registry-password --registry-identity
          'sandpool sessionpool create -n p --network-status '       | EgressEnabled EgressDisabled
          'sandpool sessionpool create -n p --lifecycle-type On'     | OnContainerExit
          'sandpool sessionpool create --container-type '            | CustomContainer PythonLTS NodeLTS Shell
          'sandpool sessionpool show -n p -g g --output '            | json jsonc table tsv yaml none
          'sandpool sessionpool show -o t'                           | table tsv
          'sandpool sessionpool settings update --isolation g'       | gvisor gvisor-hostnet
          'sandpool session code-interpreter execute --time'         | --timeout-in-seconds
          'sandpool doctor --o'                                      | --output
          'sandpool completion '                                     | bash zsh
          """)
  void tabKeyOffersWhatFits(String typed, String offered) throws Exception {
    assertThat(complete(typed)).contains(offered.split(" "));
    String last = typed.substring(typed.lastIndexOf(' ') + 1);
    assertThat(complete(typed)).allMatch(word -> word.startsWith(last));
  }

  @Test
  void scriptIsTheSameForBothShellsAndSwitchesByItself() {
    assertThat(user.type("sandpool completion zsh").out())
        .isEqualTo(user.type("sandpool completion bash").out())
        .contains("compinit");
    assertThat(user.type("sandpool completion fish").code()).isEqualTo(2);
  }

  /** What bash would offer at the end of that line. */
  private List<String> complete(String typed) throws IOException, InterruptedException {
    Path script =
        Files.writeString(home.resolve("c.bash"), user.type("sandpool completion bash").out());
    String[] words = typed.split(" ", -1);
    String quoted =
        Arrays.stream(words).map(word -> "'" + word + "'").reduce((a, b) -> a + " " + b).orElse("");
    String program =
        """
        compopt() { :; }
        source '%s'
        COMP_WORDS=(%s); COMP_CWORD=%d; COMP_LINE='%s'; COMP_POINT=${#COMP_LINE}
        function=$(complete -p sandpool | sed -E 's/.*-F ([^ ]+).*/\\1/')
        "$function" sandpool "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%%s\\n' "${COMPREPLY[@]}"
        """
            .formatted(script, quoted, words.length - 1, typed);
    Process bash =
        new ProcessBuilder("bash", "--norc", "-c", program)
            .redirectError(home.resolve("bash.err").toFile())
            .start();
    try (var in = bash.getInputStream()) {
      String out = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(bash.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(Files.readString(home.resolve("bash.err"))).isEmpty();
      return out.lines().map(String::strip).filter(word -> !word.isEmpty()).toList();
    } finally {
      bash.destroyForcibly();
    }
  }
}
