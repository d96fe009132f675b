package dev.sandpool.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A guarantee that names a test that is not there is no guarantee. */
class GuaranteesTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT|Contract))`");

  @Test
  void everyNamedTestExists() throws IOException {
    Set<String> classes = new HashSet<>(classes("server/src/test"));
    classes.addAll(classes("e2e/src/test"));
    String guarantees = Files.readString(ROOT.resolve("docs/guarantees.md"));
    Set<String> named =
        TEST.matcher(guarantees)
            .results()
            .map((MatchResult match) -> match.group(1))
            .collect(Collectors.toSet());
    assertThat(named).hasSizeGreaterThan(10).isSubsetOf(classes);
  }

  @Test
  void everyPromiseNamesATest() throws IOException {
    List<String> promises =
        Files.readAllLines(ROOT.resolve("docs/guarantees.md")).stream()
            .filter(line -> line.matches("\\| G\\d+ \\|.*"))
            .toList();
    assertThat(promises)
        .hasSizeGreaterThanOrEqualTo(10)
        .allMatch(line -> TEST.matcher(line).find());
  }

  private static Set<String> classes(String folder) throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
      return files
          .map(file -> String.valueOf(file.getFileName()).replace(".java", ""))
          .collect(Collectors.toSet());
    }
  }
}
