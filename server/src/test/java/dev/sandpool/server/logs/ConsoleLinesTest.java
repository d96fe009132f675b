package dev.sandpool.server.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What sandboxes print that is not a plain line. */
class ConsoleLinesTest {
  private static final String OUT = "2026-01-02T03:04:05.678901234+00:00 stdout ";
  private static final String ERR = "2026-01-02T03:04:06.5+00:00 stderr ";

  private static List<String> parse(String console, boolean all) {
    return ConsoleLines.parse(console.getBytes(StandardCharsets.UTF_8), 7, all).rows().stream()
        .map(row -> row.operation().stream() + ":" + row.string())
        .toList();
  }

  @Test
  void aLineHasTimeStreamAndText() {
    var rows = ConsoleLines.parse((OUT + "F a b  c\n").getBytes(StandardCharsets.UTF_8), 7, false);
    assertThat(rows.rows()).hasSize(1);
    assertThat(LogRow.instant(rows.rows().getFirst().micros()))
        .hasToString("2026-01-02T03:04:05.678901Z");
    assertThat(rows.rows().getFirst().string()).isEqualTo("a b  c");
    assertThat(parse(ERR + "F \n" + OUT + "F x\r\n", false)).containsExactly("stderr:", "stdout:x");
  }

  @Test
  void carriageReturnsInsideJsonAndNulsStay() {
    assertThat(parse(OUT + "F 10%\r20%\r\n" + OUT + "F {\"a\": \"b\\n\"}\n", false))
        .containsExactly("stdout:10%\r20%", "stdout:{\"a\": \"b\\n\"}");
    byte[] binary = (OUT + "F \u0000xy\n").getBytes(StandardCharsets.ISO_8859_1);
    binary[binary.length - 2] = (byte) 0xff;
    LogRow row = ConsoleLines.parse(binary, 7, false).rows().getFirst();
    assertThat(row.text()).containsExactly(0, 'x', 0xff);
    assertThat(row.string()).isEqualTo("\u0000x\ufffd");
  }

  @Test
  void piecesAreJoinedWhateverTheOtherStreamPrintsMeanwhile() {
    String console = OUT + "P one " + "\n" + ERR + "F between\n" + OUT + "F two\n";
    assertThat(parse(console, false)).containsExactly("stderr:between", "stdout:one two");
  }

  @Test
  void aPromptWithoutEndWaitsAndIsThenTaken() {
    String console = ERR + "F done\n" + OUT + "P password: \n" + ERR + "F later\n";
    byte[] bytes = console.getBytes(StandardCharsets.UTF_8);
    var held = ConsoleLines.parse(bytes, 7, false);
    assertThat(held.held()).isTrue();
    assertThat(held.rows()).hasSize(1);
    assertThat(held.consumed()).isEqualTo((ERR + "F done\n").length());
    assertThat(parse(console, true))
        .containsExactly("stderr:done", "stderr:later", "stdout:password: ");
    assertThat(ConsoleLines.parse(bytes, 7, true).consumed()).isEqualTo(bytes.length);
  }

  @Test
  void aLineOfAMegabyteBecomesRowsThatTogetherAreIt() {
    var console = new StringBuilder();
    var line = new StringBuilder();
    for (int i = 0; i < 128; i++) {
      String piece = ("" + (char) ('a' + i % 26)).repeat(8192);
      line.append(piece);
      console.append(OUT).append(i < 127 ? "P " : "F ").append(piece).append('\n');
    }
    List<LogRow> rows =
        ConsoleLines.parse(console.toString().getBytes(StandardCharsets.UTF_8), 7, false).rows();
    assertThat(rows).allMatch(row -> row.text().length <= ConsoleLines.LONGEST);
    assertThat(String.join("", rows.stream().map(LogRow::string).toList()))
        .isEqualTo(line.toString());
  }

  @Test
  void aLineThatNobodyKnowsIsTakenAsItIs() {
    assertThat(parse("no such line\n", false)).containsExactly("stdout:no such line");
    assertThat(parse("\n", false)).containsExactly("stdout:");
  }

  @Test
  void wherever_aConsoleIsCutOff_eachLineIsReadOnce() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      List<String> outs = new ArrayList<>();
      List<String> errs = new ArrayList<>();
      byte[] console = console(random, outs, errs);
      List<LogRow> rows = new ArrayList<>();
      int at = 0;
      while (at < console.length) {
        int to = Math.min(console.length, at + 1 + random.nextInt(400));
        boolean last = to == console.length;
        var result = ConsoleLines.parse(Arrays.copyOfRange(console, at, to), 7, last);
        if (result.consumed() == 0) {
          to = console.length;
          result = ConsoleLines.parse(Arrays.copyOfRange(console, at, to), 7, true);
        }
        rows.addAll(result.rows());
        at += result.consumed();
      }
      assertThat(texts(rows, LogOperation.STDOUT)).as("seed %d", seed).isEqualTo(outs);
      assertThat(texts(rows, LogOperation.STDERR)).as("seed %d", seed).isEqualTo(errs);
    }
  }

  private static List<String> texts(List<LogRow> rows, LogOperation stream) {
    return rows.stream().filter(row -> row.operation() == stream).map(LogRow::string).toList();
  }

  private static byte[] console(Random random, List<String> outs, List<String> errs) {
    var console = new ByteArrayOutputStream();
    for (int i = 0; i < 20; i++) {
      boolean error = random.nextBoolean();
      String text = "line " + i + " " + "x".repeat(random.nextInt(60));
      int cut = random.nextInt(text.length());
      boolean pieces = random.nextInt(3) == 0;
      (error ? errs : outs).add(text);
      String head = error ? ERR : OUT;
      String lines =
          pieces
              ? head + "P " + text.substring(0, cut) + "\n" + head + "F " + text.substring(cut)
              : head + "F " + text;
      console.writeBytes((lines + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return console.toByteArray();
  }
}
