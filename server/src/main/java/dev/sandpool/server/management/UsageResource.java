package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.ledger.TooMuchUsageException;
import dev.sandpool.server.ledger.UsageAmounts;
import dev.sandpool.server.time.Time;
import dev.sandpool.server.usage.PriceSheet;
import dev.sandpool.server.usage.UsageKey;
import dev.sandpool.server.usage.UsageReports;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code GET {scope}/providers/Sandpool.Server/usage?by=KEY,...&tag=NAME&from=TIME&to=TIME}: who
 * used how much below a scope, and what it costs where something has a price.
 */
final class UsageResource {
  private static final BigDecimal MICRO = BigDecimal.valueOf(1_000_000);
  private static final BigDecimal MILLI_MILLI = BigDecimal.valueOf(1_000_000);
  private static final BigDecimal MEBI_MILLI = BigDecimal.valueOf(1024L * 1_000);
  private static final int SHOWN_DIGITS = 3;
  private static final int MONEY_DIGITS = 6;

  private final UsageReports reports;
  private final Time time;

  UsageResource(UsageReports reports, Time time) {
    this.reports = reports;
    this.time = time;
  }

  Answer get(Call call) {
    UsageReports.Question asked = question(call);
    ObjectNode body = Fields.empty();
    body.put("from", asked.from().toString());
    body.put("to", asked.to().toString());
    ArrayNode by = body.putArray("by");
    asked.by().forEach(key -> by.add(key.label()));
    if (reports.prices().priced()) {
      body.put("currency", reports.prices().currency());
    }
    ArrayNode value = body.putArray("value");
    UsageAmounts total = UsageAmounts.NONE;
    for (UsageReports.Row row : rows(asked)) {
      ObjectNode shown = value.addObject();
      row.columns().forEach(shown::put);
      show(shown, row.amounts());
      total = total.plus(row.amounts());
    }
    show(body.putObject("total"), total);
    return Answer.of(200, body);
  }

  private List<UsageReports.Row> rows(UsageReports.Question asked) {
    try {
      return reports.rows(asked);
    } catch (TooMuchUsageException e) {
      throw new ArmException(400, "UsageTooLarge", String.valueOf(e.getMessage()));
    }
  }

  private void show(ObjectNode shown, UsageAmounts amounts) {
    shown.put("readySeconds", in(MICRO, amounts.readyMicros()));
    shown.put("allocatedSeconds", in(MICRO, amounts.allocatedMicros()));
    shown.put("vcpuSeconds", in(MILLI_MILLI, amounts.milliCpuMillis()));
    shown.put("gibSeconds", in(MEBI_MILLI, amounts.mebibyteMillis()));
    shown.put("cpuSecondsUsed", in(MICRO, amounts.cpuMicros()));
    shown.put("gibSecondsUsed", in(MEBI_MILLI, amounts.usedMebibyteMillis()));
    shown.put("sessions", amounts.sessions());
    shown.put("sessionHours", amounts.sessionHours());
    shown.put("requests", amounts.requests());
    shown.put("bytesIn", amounts.bytesIn());
    shown.put("bytesOut", amounts.bytesOut());
    PriceSheet prices = reports.prices();
    if (prices.priced()) {
      BigDecimal cost = prices.cost(amounts);
      shown.put("cost", cost.setScale(MONEY_DIGITS, RoundingMode.HALF_EVEN));
      shown.put("currency", prices.currency());
    }
  }

  private static BigDecimal in(BigDecimal unit, long amount) {
    return BigDecimal.valueOf(amount).divide(unit, SHOWN_DIGITS, RoundingMode.HALF_EVEN);
  }

  private UsageReports.Question question(Call call) {
    AssignmentScope scope = AssignmentScope.of(call);
    List<UsageKey> by = by(call);
    String tag = call.queried("tag").orElse("");
    if (by.contains(UsageKey.TAG) == tag.isEmpty()) {
      throw wrong("tag", tag, "the name of a tag where 'by' has 'tag', and nothing elsewhere");
    }
    Instant now = time.now();
    Instant month =
        now.atOffset(ZoneOffset.UTC)
            .toLocalDate()
            .withDayOfMonth(1)
            .atStartOfDay()
            .toInstant(ZoneOffset.UTC);
    Instant from = moment(call, "from", month).truncatedTo(ChronoUnit.HOURS);
    Instant to = moment(call, "to", now);
    if (!from.isBefore(to)) {
      throw wrong("to", to.toString(), "a time after " + from);
    }
    return new UsageReports.Question(scope.id(), by, tag, from, to);
  }

  private static List<UsageKey> by(Call call) {
    List<UsageKey> by = new ArrayList<>();
    for (String label : call.queried("by").orElse(UsageKey.POOL.label()).split(",", -1)) {
      UsageKey key =
          UsageKey.labelled(label)
              .orElseThrow(
                  () ->
                      wrong(
                          "by",
                          label,
                          Arrays.stream(UsageKey.values())
                              .map(UsageKey::label)
                              .collect(Collectors.joining(", "))));
      if (!by.contains(key)) {
        by.add(key);
      }
    }
    return by;
  }

  private static Instant moment(Call call, String name, Instant otherwise) {
    String text = call.queried(name).orElse("");
    try {
      if (text.isEmpty()) {
        return otherwise;
      }
      return text.contains("T")
          ? Instant.parse(text)
          : LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw wrong(name, text, "a day such as 2026-11-29, or a time such as 2026-11-29T20:00:00Z");
    }
  }

  private static ArmException wrong(String name, String text, String accepted) {
    return new ArmException(
        400,
        "InvalidQueryParameter",
        "The query parameter '%s' is '%s'; accepted: %s.".formatted(name, text, accepted));
  }
}
