package dev.sandpool.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * A dashboard or an alert that asks for a name which nobody exports stays empty and silent, and
 * nobody notices.
 */
class ExportedNamesTest {
  private static final Path ROOT = Path.of("..");
  private static final Path RULES = ROOT.resolve("packaging/prometheus/sandpool.rules.yml");
  private static final Path DASHBOARD = ROOT.resolve("packaging/grafana/sandpool.json");
  private static final Path OPERATIONS = ROOT.resolve("docs/operations.md");
  private static final Pattern NAME = Pattern.compile("\\b(?:sandpool|jvm|process)_[a-z_]+");
  private static final Pattern SERIES = Pattern.compile("^([a-z_]+)(?:\\{(.*)})? \\S+$");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)(?:=|!=|=~|!~)\"");

  /** Every series' name and its labels' names. */
  private static Map<String, Set<String>> exported() throws IOException {
    var metrics = new Metrics();
    metrics.measureProcess();
    metrics.host(
        new HostGauges(
            () -> 1,
            () -> 2,
            () -> 3,
            () -> 4,
            () -> Map.of("sandbox-died", 0L),
            () -> Map.of("rows-stored", 0L),
            () -> 0));
    metrics.pool(new PoolId("aaaaaaaaaa"), new ResourceId("s", "g", ResourceId.SESSION_POOLS, "p"));
    metrics.exporter("loki").failure();
    var text = new ByteArrayOutputStream();
    metrics.write(text, metrics.writer(null));
    return text.toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(SERIES::matcher)
        .filter(java.util.regex.Matcher::matches)
        .collect(
            Collectors.toMap(
                line -> line.group(1),
                line -> labels(line.group(2) == null ? "" : line.group(2)),
                (one, other) -> {
                  one.addAll(other);
                  return one;
                }));
  }

  private static Set<String> labels(String text) {
    return LABEL
        .matcher(text)
        .results()
        .map(r -> r.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> dashboardQueries() throws IOException {
    var dashboard = Json.MAPPER.readTree(Files.readString(DASHBOARD));
    List<String> queries = dashboard.findValuesAsString("expr");
    assertThat(queries).hasSizeGreaterThan(20);
    return queries;
  }

  @Test
  void dashboardAndAlertsAskForWhatIsExported() throws IOException {
    Map<String, Set<String>> exported = exported();
    String asked = String.join("\n", dashboardQueries()) + Files.readString(RULES);

    Set<String> names =
        NAME.matcher(asked).results().map(r -> r.group()).collect(Collectors.toSet());

    assertThat(names).hasSizeGreaterThan(15);
    assertThat(exported.keySet()).containsAll(names);
    Pattern selector = Pattern.compile("(sandpool_[a-z_]+)\\{([^}]*)}");
    assertThat(selector.matcher(asked).results().toList())
        .isNotEmpty()
        .allSatisfy(
            found ->
                assertThat(exported.get(found.group(1)))
                    .as(found.group())
                    .containsAll(labels(found.group(2))));
  }

  @Test
  void dashboardTellsApartByLabelsThatAreThere() throws IOException {
    Map<String, Set<String>> exported = exported();
    Pattern split =
        Pattern.compile("by \\(([^)]*)\\) \\((?:(?:rate|increase)\\()?(sandpool_[a-z_]+)");

    List<MatchResult> splits =
        dashboardQueries().stream().flatMap(query -> split.matcher(query).results()).toList();

    assertThat(splits)
        .hasSizeGreaterThan(15)
        .allSatisfy(
            found ->
                assertThat(exported.get(found.group(2)))
                    .as(found.group())
                    .contains(found.group(1).split(", ")));
    // Failures are quick and would hide among successes, or successes among upgraded connections.
    // Refusals are quick, and hide how slow the answers of an application became.
    assertThat(splits)
        .extracting(MatchResult::group)
        .contains("by (le, class) (rate(sandpool_first_byte_seconds_bucket");
  }

  @Test
  void everyAlertHasItsParagraph() throws IOException {
    String operations = Files.readString(OPERATIONS);
    List<String> alerts =
        Pattern.compile("- alert: (\\S+)")
            .matcher(Files.readString(RULES))
            .results()
            .map(r -> r.group(1))
            .toList();

    assertThat(alerts).hasSizeGreaterThan(10);
    assertThat(alerts)
        .allSatisfy(
            alert -> {
              assertThat(operations).contains("\n#### " + alert + "\n");
              assertThat(Files.readString(RULES))
                  .contains("docs/operations.md#" + alert.toLowerCase(Locale.ROOT) + "\n");
            });
  }

  @Test
  void everyMeterOfOursIsDocumented() throws IOException {
    String operations = Files.readString(OPERATIONS);
    Set<String> families =
        exported().keySet().stream()
            .filter(name -> name.startsWith("sandpool_"))
            .map(name -> name.replaceAll("_(bucket|count|sum)$", ""))
            .collect(Collectors.toSet());

    assertThat(families).hasSizeGreaterThan(20);
    assertThat(families).allSatisfy(name -> assertThat(operations).contains("`" + name + "`"));
  }

  @Test
  void labelsAreFromClosedListsOrAPools() throws IOException {
    Set<String> labels =
        exported().entrySet().stream()
            .filter(series -> series.getKey().startsWith("sandpool_"))
            .flatMap(series -> series.getValue().stream())
            .collect(Collectors.toSet());

    assertThat(labels)
        .containsExactlyInAnyOrder(
            "subscription",
            "resource_group",
            "pool",
            "state",
            "by",
            "class",
            "outcome",
            "probe",
            "phase",
            "kind",
            "exporter",
            "le");
  }
}
