package dev.sandpool.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A run of half an hour that wipes out what people wrote about the runs before it. */
class PageTest {
  private static final Path DOCS = Path.of("..", "docs", "benchmarks.md");

  @Test
  void aRunReplacesItsOwnPartsAndNothingElse() {
    Page page =
        new Page(
            """
            # Title
            <!-- begin measured -->
            an old table
            <!-- end measured -->
            ## Why a target is missed
            <!-- begin methods -->
            old methods
            <!-- end methods -->
            the end
            """);

    Page fresh = page.with(report(List.of(new Burst())));

    assertThat(fresh.text())
        .startsWith("# Title\n<!-- begin measured -->\n")
        .contains("| p99 | 44 ms | <= 50 ms | met |")
        .contains("<!-- end measured -->\n## Why a target is missed\n<!-- begin methods -->\n")
        .contains("### " + new Burst().title() + "\n\n" + new Burst().method())
        .endsWith("<!-- end methods -->\nthe end\n")
        .doesNotContain("an old table", "old methods");
    assertThat(fresh.with(report(List.of(new Burst())))).isEqualTo(fresh);
  }

  @Test
  void aPageWithoutItsMarksIsRefused() {
    assertThatThrownBy(() -> new Page("# Title\n<!-- begin measured -->\n"))
        .hasMessageContaining("<!-- end measured -->");
  }

  @Test
  void theDocumentationSaysHowEachScenarioIsMeasured() throws IOException {
    assertThat(new Page(Files.readString(DOCS)).methods())
        .isEqualTo(report(Main.SCENARIOS).methods());
  }

  @Test
  void theHelpNamesEachScenario() throws IOException {
    assertThat(Files.readString(Path.of("..", "dev")))
        .contains(
            "--only   one of "
                + String.join(", ", Main.SCENARIOS.stream().map(Scenario::name).toList())
                + "; may be repeated");
  }

  private static Report report(List<Scenario> scenarios) {
    Map<Scenario, List<Figure>> figures = new LinkedHashMap<>();
    scenarios.forEach(
        scenario -> figures.put(scenario, List.of(Figure.atMost("p99", 44, 50, " ms"))));
    return new Report(new Machine(List.of("a machine"), "0.1"), figures, false);
  }
}
