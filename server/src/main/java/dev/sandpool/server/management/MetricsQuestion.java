package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a query of platform metrics asks for.
 *
 * @param from included
 * @param to excluded, after {@code from}
 * @param bin of each value, whole minutes
 * @param intervalName as the caller wrote it
 */
record MetricsQuestion(
    List<PlatformMetric> metrics,
    Instant from,
    Instant to,
    Duration bin,
    String intervalName,
    Set<Aggregation> aggregations) {
  private static final Duration DEFAULT_SPAN = Duration.ofHours(1);
  private static final List<String> INTERVALS =
      List.of("PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D");
  private static final int MOST_VALUES = 10_000;

  /** What of a bin's samples is asked for. */
  enum Aggregation {
    AVERAGE,
    TOTAL,
    MINIMUM,
    MAXIMUM,
    COUNT;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Reads the query's parameters.
   *
   * @throws ArmException 400 naming the parameter, the value and what is accepted
   */
  static MetricsQuestion of(Call call, Instant now) {
    String interval = call.queried("interval").orElse("PT1M").toUpperCase(Locale.ROOT);
    if (!INTERVALS.contains(interval)) {
      throw bad("interval", interval, String.join(", ", INTERVALS));
    }
    namespace(call);
    Instant[] span = span(call.queried("timespan").orElse(""), now);
    Duration bin = interval.equals("P1D") ? Duration.ofDays(1) : Duration.parse(interval);
    if (Duration.between(span[0], span[1]).dividedBy(bin) > MOST_VALUES) {
      throw bad(
          "timespan",
          call.queried("timespan").orElse(""),
          "at most " + MOST_VALUES + " values of " + interval);
    }
    return new MetricsQuestion(metrics(call), span[0], span[1], bin, interval, aggregations(call));
  }

  private static void namespace(Call call) {
    call.queried("metricnamespace")
        .filter(given -> !given.equalsIgnoreCase(PlatformMetric.NAMESPACE))
        .ifPresent(
            given -> {
              throw bad("metricnamespace", given, PlatformMetric.NAMESPACE);
            });
  }

  private static List<PlatformMetric> metrics(Call call) {
    String names = call.queried("metricnames").orElse("");
    if (names.isBlank()) {
      return List.of(PlatformMetric.EXECUTING);
    }
    List<PlatformMetric> metrics = new ArrayList<>();
    for (String name : names.split(",")) {
      metrics.add(
          PlatformMetric.of(name.strip())
              .orElseThrow(
                  () ->
                      bad(
                          "metricnames",
                          name.strip(),
                          Arrays.stream(PlatformMetric.values())
                              .map(PlatformMetric::wireName)
                              .collect(Collectors.joining(", ")))));
    }
    return metrics;
  }

  private static Set<Aggregation> aggregations(Call call) {
    String names = call.queried("aggregation").orElse("");
    if (names.isBlank()) {
      return Set.of(Aggregation.AVERAGE);
    }
    Set<Aggregation> aggregations = new LinkedHashSet<>();
    for (String name : names.split(",")) {
      aggregations.add(
          Arrays.stream(Aggregation.values())
              .filter(one -> one.wireName().equalsIgnoreCase(name.strip()))
              .findFirst()
              .orElseThrow(
                  () ->
                      bad("aggregation", name.strip(), "Average, Total, Minimum, Maximum, Count")));
    }
    return aggregations;
  }

  /** {@code START/END}, {@code START/DURATION}, {@code DURATION/END} or {@code DURATION}. */
  private static Instant[] span(String text, Instant now) {
    if (text.isBlank()) {
      return new Instant[] {now.minus(DEFAULT_SPAN), now};
    }
    try {
      List<String> parts = List.of(text.split("/", -1));
      Instant from;
      Instant to;
      if (parts.size() == 1) {
        to = now;
        from = to.minus(Duration.parse(parts.getFirst()));
      } else if (parts.size() == 2 && parts.getFirst().startsWith("P")) {
        to = instant(parts.get(1));
        from = to.minus(Duration.parse(parts.getFirst()));
      } else if (parts.size() == 2 && parts.get(1).startsWith("P")) {
        from = instant(parts.getFirst());
        to = from.plus(Duration.parse(parts.get(1)));
      } else if (parts.size() == 2) {
        from = instant(parts.getFirst());
        to = instant(parts.get(1));
      } else {
        throw new IllegalArgumentException("not one or two parts");
      }
      if (!from.isBefore(to)) {
        throw new IllegalArgumentException("ends before it begins");
      }
      return new Instant[] {from, to};
    } catch (DateTimeParseException | IllegalArgumentException | ArithmeticException e) {
      throw bad("timespan", text, "START/END, START/DURATION or DURATION in ISO 8601");
    }
  }

  private static Instant instant(String text) {
    // A plus that was not encoded arrives as a space.
    return OffsetDateTime.parse(text.replace(' ', '+')).toInstant();
  }

  private static ArmException bad(String parameter, String value, String accepted) {
    return new ArmException(
        400,
        "BadRequest",
        "The value '%s' of '%s' is not accepted; accepted: %s."
            .formatted(value, parameter, accepted));
  }
}
