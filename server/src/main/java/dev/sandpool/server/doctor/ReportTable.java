package dev.sandpool.server.doctor;

import java.util.List;
import java.util.function.ToIntFunction;

/** A report for people: a line a finding, with consequence and remedy beneath what is not ok. */
public final class ReportTable {
  private static final int STATE = 9;
  private static final String PLAIN = "\u001b[0m";

  private final Report report;
  private final boolean colours;
  private final StringBuilder text = new StringBuilder();

  private ReportTable(Report report, boolean colours) {
    this.report = report;
    this.colours = colours;
  }

  /** The text, without a line feed at the end. */
  public static String of(Report report, boolean colours) {
    return new ReportTable(report, colours).draw();
  }

  private String draw() {
    int check = widest(entry -> entry.check().length()) + 2;
    int subject = widest(entry -> entry.finding().subject().length()) + 2;
    for (Report.Entry entry : report.entries()) {
      Finding finding = entry.finding();
      state(finding.state());
      pad(entry.check(), check);
      pad(finding.subject(), subject);
      text.append(line(finding.found())).append('\n');
      String indent = " ".repeat(STATE + check + subject);
      finding
          .advice()
          .ifPresent(
              advice -> {
                text.append(indent).append("consequence: ").append(line(advice.consequence()));
                text.append('\n').append(indent).append("remedy: ").append(line(advice.remedy()));
                text.append('\n');
              });
    }
    report.repaired().forEach(done -> text.append("fixed: ").append(line(done)).append('\n'));
    return text.append(summary()).toString();
  }

  private int widest(ToIntFunction<Report.Entry> length) {
    return report.entries().stream().mapToInt(length).max().orElse(0);
  }

  private void state(String state) {
    String colour =
        switch (state) {
          case "ok" -> "\u001b[32m";
          case "failed" -> "\u001b[31m";
          default -> "\u001b[33m";
        };
    text.append(colours ? colour : "").append(state).append(colours ? PLAIN : "");
    text.repeat(' ', STATE - state.length());
  }

  private void pad(String word, int width) {
    text.append(word).repeat(' ', width - word.length());
  }

  /** Programs of the host may have said it, in several lines and with characters that steer. */
  private static String line(String said) {
    return said.replaceAll("[\\s\\p{Cntrl}]+", " ");
  }

  private String summary() {
    List<String> states = List.of("ok", "warning", "failed", "unknown");
    return String.join(
        ", ", states.stream().map(state -> report.count(state) + " " + state).toList());
  }
}
