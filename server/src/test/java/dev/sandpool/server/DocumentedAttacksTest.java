package dev.sandpool.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A test that a page names for an attack is there: a name that has moved on would guard nothing.
 */
class DocumentedAttacksTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern NAME = Pattern.compile("`([A-Z]\\w+(?:Test|IT))?(?:\\.(\\w+))?`");

  @Test
  void everyAttackOnIdentityHasTheTestThatItsRowNames() throws IOException {
    List<String> rows = rows("identity.md", "## Attacks and their tests");
    assertThat(rows).hasSizeGreaterThan(20).allSatisfy(DocumentedAttacksTest::isGuarded);
  }

  @Test
  void everyAttackOnTheIdentityEndpointHasTheTestThatItsRowNames() throws IOException {
    List<String> rows = rows("security.md", "### The identity endpoint");
    assertThat(rows).hasSizeGreaterThan(7).allSatisfy(DocumentedAttacksTest::isGuarded);
  }

  /** The rows of the first table below that heading. */
  private static List<String> rows(String page, String heading) throws IOException {
    return Files.readString(ROOT.resolve("docs").resolve(page))
        .lines()
        .dropWhile(line -> !line.equals(heading))
        .dropWhile(line -> !line.startsWith("|---"))
        .skip(1)
        .takeWhile(line -> line.startsWith("| "))
        .toList();
  }

  private static void isGuarded(String row) throws IOException {
    String[] cells = row.split(" \\| ", -1);
    List<String> classes = new ArrayList<>();
    Matcher names = NAME.matcher(cells[cells.length - 1]);
    while (names.find()) {
      if (names.group(1) != null) {
        classes.add(names.group(1));
      }
      assertThat(classes).as(row).isNotEmpty();
      Optional<String> source = source(classes.getLast());
      assertThat(source).as("source of %s", classes.getLast()).isPresent();
      if (names.group(2) != null) {
        assertThat(source.get()).contains("void " + names.group(2) + "(");
      }
    }
    assertThat(classes).as(row).isNotEmpty();
  }

  private static Optional<String> source(String name) throws IOException {
    for (String module : List.of("server", "e2e", "cli")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
        Optional<Path> found =
            files.filter(it -> it.getFileName().toString().equals(name + ".java")).findFirst();
        if (found.isPresent()) {
          return Optional.of(Files.readString(found.get()));
        }
      }
    }
    return Optional.empty();
  }
}
