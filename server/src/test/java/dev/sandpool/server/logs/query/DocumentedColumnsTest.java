package dev.sandpool.server.logs.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.logs.LogCounters;
import dev.sandpool.server.logs.LogOperation;
import dev.sandpool.server.logs.LogTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A column of logs or of usage that the documentation does not show, or that is not there. */
class DocumentedColumnsTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Path SPECIFICATION =
      Path.of("src/main/resources/dev/sandpool/server/management/openapi.yaml");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  /** What stands between a heading and the next one of the same rank. */
  private static String section(String page, String heading) throws IOException {
    String text = Files.readString(DOCS.resolve(page));
    int from = text.indexOf("\n" + heading + "\n");
    assertThat(from).as(heading).isNotNegative();
    String rank = "\n" + heading.substring(0, heading.indexOf(' ') + 1);
    int to = text.indexOf(rank, from + 1);
    return to < 0 ? text.substring(from) : text.substring(from, to);
  }

  /** What is set as code in the first cells of a table's rows, which begins with that one. */
  private static Set<String> firstCells(String section, String firstCell) {
    String table = section.substring(section.indexOf("\n| " + firstCell));
    return table
        .strip()
        .lines()
        .takeWhile(line -> line.startsWith("|"))
        .map(line -> line.split("\\|", -1)[1])
        .flatMap(cell -> CODE.matcher(cell).results().map(code -> code.group(1)))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void theTablesOfLogsAreShownWithAllColumnsAndNoOthers() throws IOException {
    String logs = section("contract.md", "### Logs");
    Set<String> names =
        LogColumns.of(LogTable.CONSOLE.title()).stream()
            .map(Column::name)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(firstCells(logs, "column |")).isEqualTo(names);
    assertThat(logs).contains(Arrays.stream(LogTable.values()).map(LogTable::title).toList());
    LogColumns.of(LogTable.CONSOLE.title())
        .forEach(
            column ->
                assertThat(logs.lines().filter(line -> line.contains("`" + column.name() + "`")))
                    .as(column.toString())
                    .anyMatch(line -> line.contains(column.type().label())));
  }

  @Test
  void allThatARowCanTellIsShown() throws IOException {
    String logs = section("contract.md", "### Logs");
    assertThat(Arrays.stream(LogOperation.values()).flatMap(DocumentedColumnsTest::words))
        .allSatisfy(word -> assertThat(logs).contains("`" + word + "`"));
  }

  private static Stream<String> words(LogOperation operation) {
    return Stream.of(operation.title(), operation.level(), operation.stream())
        .filter(word -> !word.isEmpty());
  }

  @Test
  void allThatIsCountedOfLogsIsShown() throws IOException {
    String meters = section("operations.md", "## Metrics");
    String row =
        meters
            .lines()
            .filter(line -> line.contains("`sandpool_logs_total`"))
            .findFirst()
            .orElseThrow();
    assertThat(row).contains(new LogCounters().counts().keySet());
  }

  @Test
  void usageIsShownWithAllColumnsAndNoOthers() throws IOException {
    String row = Files.readString(SPECIFICATION);
    row = row.substring(row.indexOf("\n    UsageRow:\n") + 1);
    row = row.substring(row.indexOf("properties:\n") + "properties:\n".length());
    List<String> columns =
        row.lines()
            .takeWhile(line -> line.startsWith("        "))
            .map(line -> line.strip().split(":", -1)[0])
            .toList();
    assertThat(columns).contains("readySeconds", "sandbox", "bytesOut");
    Set<String> shown = firstCells(section("operations.md", "## Usage"), "column (in tables) |");
    // Beside each name stands a shorter one, which tables of the command line have.
    assertThat(shown).containsAll(columns);
    shown.removeAll(columns);
    assertThat(shown).allMatch(name -> name.endsWith("S"));
  }
}
