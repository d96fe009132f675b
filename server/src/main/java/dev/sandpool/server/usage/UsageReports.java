package dev.sandpool.server.usage;

import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.PoolHour;
import dev.sandpool.server.ledger.UsageAmounts;
import dev.sandpool.server.ledger.UsageLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Adds up what the ledger has.
 *
 * @param prices what it costs
 */
public record UsageReports(UsageLedger ledger, PriceSheet prices) {
  /**
   * What is asked for.
   *
   * @param scope id of a subscription, resource group or pool; the empty one holds everything
   * @param by what rows are told apart by
   * @param tag the tag's name for {@link UsageKey#TAG}, else empty
   * @param from hours that begin then or later
   * @param to hours that begin before
   */
  public record Question(String scope, List<UsageKey> by, String tag, Instant from, Instant to) {}

  /**
   * Usage of what has these in common.
   *
   * @param columns names and values, in order
   */
  public record Row(Map<String, String> columns, UsageAmounts amounts) {}

  /** The rows, in order of their columns. */
  public List<Row> rows(Question asked) {
    Map<List<String>, Row> rows = new LinkedHashMap<>();
    for (PoolHour hour : hours(asked)) {
      if (within(hour.resourceId(), asked.scope)) {
        add(rows, asked, hour);
      }
    }
    return rows.entrySet().stream()
        .sorted(Comparator.comparing(row -> String.join("\0", row.getKey())))
        .map(Map.Entry::getValue)
        .toList();
  }

  private List<PoolHour> hours(Question asked) {
    return asked.by.contains(UsageKey.SANDBOX)
        ? ledger.usageOfSandboxes(asked.from, asked.to, step(asked))
        : ledger.usage(asked.from, asked.to, step(asked));
  }

  /** No finer than what is shown: a year of hours is more than an answer can hold. */
  private static Duration step(Question asked) {
    if (asked.by.contains(UsageKey.HOUR)) {
      return Duration.ofHours(1);
    }
    return asked.by.contains(UsageKey.DAY)
        ? Duration.ofDays(1)
        : Duration.between(Instant.EPOCH, asked.to).plusHours(1);
  }

  private static void add(Map<List<String>, Row> rows, Question asked, PoolHour hour) {
    ResourceId pool =
        ResourceId.parse(hour.resourceId())
            .orElseThrow(() -> new IllegalStateException("no id: " + hour.resourceId()));
    Map<String, String> columns = new LinkedHashMap<>();
    asked.by.forEach(key -> key.put(columns, hour, pool, asked.tag));
    // Names of resources differ in case by who typed them; values of tags are values.
    List<String> key =
        columns.entrySet().stream()
            .map(
                column ->
                    column.getKey().equals("tag")
                        ? column.getValue()
                        : column.getValue().toLowerCase(Locale.ROOT))
            .toList();
    rows.merge(
        key,
        new Row(columns, hour.amounts()),
        (had, more) -> new Row(had.columns, had.amounts.plus(more.amounts)));
  }

  private static boolean within(String id, String scope) {
    return id.regionMatches(true, 0, scope, 0, scope.length())
        && (id.length() == scope.length() || id.charAt(scope.length()) == '/');
  }
}
