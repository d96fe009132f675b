package dev.sandpool.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A row of the protocol table that names no test, or one that is not there, is a claim. */
class ProtocolTableTest {
  private static final Path ROOT = Path.of("..");
  private static final Path TESTS =
      ROOT.resolve("server/src/test/java/dev/sandpool/server/gateway");
  private static final Path SYSTEM_TESTS = ROOT.resolve("e2e/src/test/java/dev/sandpool/e2e");
  private static final Pattern NAME = Pattern.compile("`(\\w+(?:Test|IT))?\\.(\\w+)`");

  @Test
  void everyRowNamesTestsThatExist() throws IOException {
    List<String> rows = rows();
    assertThat(rows).hasSizeGreaterThan(20);
    for (String row : rows) {
      String[] cells = row.split("\\|", -1);
      Matcher names = NAME.matcher(cells[cells.length - 2]);
      String file = "";
      int found = 0;
      while (names.find()) {
        file = names.group(1) == null ? file : names.group(1);
        Path source = (file.endsWith("IT") ? SYSTEM_TESTS : TESTS).resolve(file + ".java");
        assertThat(source).as(row).exists();
        assertThat(Files.readString(source)).as(row).contains("void " + names.group(2) + "(");
        found++;
      }
      assertThat(found).as(row).isPositive();
    }
  }

  private static List<String> rows() throws IOException {
    List<String> lines = Files.readAllLines(ROOT.resolve("docs/contract.md"));
    int title = lines.indexOf("### Protocol table");
    int head = title + lines.subList(title, lines.size()).indexOf("|---|---|---|");
    return lines.subList(head + 1, lines.size()).stream()
        .takeWhile(line -> line.startsWith("|"))
        .toList();
  }
}
