package dev.sandpool.server.doctor;

import dev.sandpool.model.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A report for programs; docs/operations.md has its shape. */
public final class ReportJson {
  private ReportJson() {}

  /** The text, without a line feed at the end. */
  public static String of(Report report) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("state", worst(report));
    ArrayNode checks = json.putArray("checks");
    for (Report.Entry entry : report.entries()) {
      Finding finding = entry.finding();
      Finding.@Nullable Advice advice = finding.advice().orElse(null);
      checks
          .addObject()
          .put("check", entry.check())
          .put("subject", finding.subject())
          .put("state", finding.state())
          .put("found", finding.found())
          .put("consequence", advice == null ? null : advice.consequence())
          .put("remedy", advice == null ? null : advice.remedy());
    }
    ArrayNode repaired = json.putArray("repaired");
    report.repaired().forEach(repaired::add);
    return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json);
  }

  private static String worst(Report report) {
    return List.of("failed", "warning", "unknown").stream()
        .filter(state -> report.count(state) > 0)
        .findFirst()
        .orElse("ok");
  }
}
