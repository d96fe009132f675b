package dev.sandpool.server.logs;

import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsolePosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that a kill, a full disk or their age cut off. */
class TableLogTest {
  private static final SandboxId ID = new SandboxId("abcdefgh");

  @TempDir private Path folder;

  private TableLog open() throws IOException {
    return TableLog.open(folder, 2000);
  }

  private static LogBlock block(long micros, long offset, boolean ended) {
    var row =
        new LogRow(micros, LogOperation.STDOUT, ("row " + micros).getBytes(StandardCharsets.UTF_8));
    return new LogBlock(
        new LogOrigin(ID.toString(), "pool-r1", "hash"),
        List.of(row),
        new ConsolePosition(ID, 5, offset, false),
        ended);
  }

  private static List<Long> times(TableLog log, long from, long to) throws IOException {
    List<Long> times = new ArrayList<>();
    log.scan(
        from,
        to,
        block -> {
          block.rows().forEach(row -> times.add(row.micros()));
          return true;
        });
    return times;
  }

  @Test
  void rowsAndPositionsOutliveARestart() throws Exception {
    TableLog log = open();
    for (int i = 1; i <= 100; i++) {
      log.append(List.of(block(i, i * 10L, false)));
    }
    TableLog again = open();
    assertThat(times(again, 0, Long.MAX_VALUE)).hasSize(100).isSorted();
    assertThat(times(again, 40, 42)).containsExactly(40L, 41L, 42L);
    assertThat(again.positions()).containsEntry(ID, new ConsolePosition(ID, 5, 1000, false));
    again.append(List.of(block(101, 1010, true)));
    assertThat(open().positions()).isEmpty();
  }

  @Test
  void aConsoleThatIsSilentWhileSegmentsFillKeepsItsPosition() throws Exception {
    var quiet = new SandboxId("quietest");
    TableLog log = open();
    log.append(
        List.of(
            new LogBlock(
                new LogOrigin("quietest", "", ""),
                List.of(),
                new ConsolePosition(quiet, 9, 77, true),
                false)));
    for (int i = 1; i <= 200; i++) {
      log.append(List.of(block(i, i, false)));
    }
    log.retain(150, Long.MAX_VALUE);
    assertThat(open().positions()).containsEntry(quiet, new ConsolePosition(quiet, 9, 77, true));
  }

  @Test
  void aTornEndIsCutOffAndWrittenOver() throws Exception {
    TableLog log = open();
    log.append(List.of(block(1, 10, false), block(2, 20, false)));
    Path file = folder.resolve("%016x.seg".formatted(1));
    byte[] whole = Files.readAllBytes(file);
    for (int cut = whole.length / 2; cut < whole.length; cut++) {
      Files.write(file, java.util.Arrays.copyOf(whole, cut));
      TableLog torn = open();
      assertThat(times(torn, 0, 10)).containsExactly(1L);
      assertThat(torn.positions().get(ID)).isEqualTo(new ConsolePosition(ID, 5, 10, false));
      torn.append(List.of(block(3, 30, false)));
      assertThat(times(open(), 0, 10)).containsExactly(1L, 3L);
    }
  }

  @Test
  void aReaderWhoReadMoreThanALossOfPowerLeftReadsTheSegmentAgain() throws Exception {
    TableLog log = open();
    log.append(List.of(block(1, 10, false), block(2, 20, false)));
    LogCursor read = log.end();
    Path file = folder.resolve("%016x.seg".formatted(1));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 1));
    TableLog torn = open();
    assertThat(torn.settled(read)).isEqualTo(torn.begin());
    LogCursor second = torn.end();
    assertThat(torn.settled(second)).isEqualTo(second);
    torn.append(List.of(block(3, 30, false)));
    assertThat(torn.settled(second)).isEqualTo(second);
    var between = new LogCursor(second.segment(), second.offset() - 1);
    assertThat(torn.settled(between)).isEqualTo(torn.begin());
    var later = new LogCursor(second.segment() + 7, 0);
    assertThat(torn.settled(later)).isEqualTo(torn.begin());
  }

  @Test
  void damageInTheMiddleEndsTheSegmentAndNotTheTable() throws Exception {
    TableLog log = open();
    for (int i = 1; i <= 100; i++) {
      log.append(List.of(block(i, i, false)));
    }
    Path last = folder.resolve("%016x.seg".formatted(log.end().segment()));
    Files.write(last, "garbage".getBytes(StandardCharsets.UTF_8), StandardOpenOption.APPEND);
    assertThat(times(open(), 0, Long.MAX_VALUE)).hasSize(100);
  }

  @Test
  void whatIsTooOldOrTooMuchGoesOldestFirst() throws Exception {
    TableLog log = open();
    for (int i = 1; i <= 200; i++) {
      log.append(List.of(block(i, i, false)));
    }
    assertThat(log.retain(50, Long.MAX_VALUE)).isZero();
    assertThat(times(log, 0, Long.MAX_VALUE).getFirst()).isBetween(2L, 50L);
    assertThat(log.retain(0, 5000)).isPositive();
    assertThat(log.bytes()).isLessThanOrEqualTo(5000);
    assertThat(times(log, 0, Long.MAX_VALUE)).endsWith(200L);
    log.retain(1000, Long.MAX_VALUE);
    assertThat(times(log, 0, Long.MAX_VALUE)).isEmpty();
    assertThat(log.isEmpty()).isTrue();
  }

  @Test
  void aFollowerGetsEachBlockOnceAcrossSegmentsAndIsToldWhatItMissed() throws Exception {
    TableLog log = open();
    LogCursor at = log.end();
    List<Long> seen = new ArrayList<>();
    for (int i = 1; i <= 200; i++) {
      log.append(List.of(block(i, i, false)));
      if (i % 7 == 0) {
        at = follow(log, at, seen);
      }
    }
    at = follow(log, at, seen);
    assertThat(seen).hasSize(200).isSorted().doesNotHaveDuplicates();
    LogCursor start = log.begin();
    assertThat(log.after(start).lost()).isFalse();
    log.retain(0, 5000);
    assertThat(log.after(start).lost()).isTrue();
    assertThat(log.after(at).blocks()).isEmpty();
  }

  /** A full disk leaves a part of a write; what is written over it may be shorter. */
  @Test
  void whatAFailedWriteLeftBehindAFullSegmentHoldsUpNobodyAfterARestart() throws Exception {
    TableLog log = open();
    int rows = 0;
    while (log.bytes() < 2000) {
      log.append(List.of(block(++rows, rows, false)));
    }
    Path full = folder.resolve("%016x.seg".formatted(1));
    Files.writeString(full, "a part of a write ".repeat(9), StandardOpenOption.APPEND);
    log.append(List.of(block(++rows, rows, false)));

    TableLog again = open();

    List<Long> seen = new ArrayList<>();
    follow(again, again.begin(), seen);
    assertThat(seen).hasSize(rows).isSorted();
    assertThat(again.bytes()).isEqualTo(log.bytes());
  }

  @Test
  void damageInAFullSegmentHoldsUpNobodyWhoFollows_andIsTold() throws Exception {
    TableLog log = open();
    for (int i = 1; i <= 100; i++) {
      log.append(List.of(block(i, i, false)));
    }
    LogCursor second = log.after(log.begin()).stored().get(1).at();
    try (var file = FileChannel.open(folder.resolve("%016x.seg".formatted(1)), WRITE)) {
      file.write(ByteBuffer.wrap(new byte[] {-1, -1, -1, -1}), second.offset());
    }

    List<Long> seen = new ArrayList<>();
    LogCursor at = follow(log, log.begin(), seen);

    assertThat(at).isEqualTo(log.end());
    assertThat(seen).startsWith(1L).endsWith(100L).doesNotContain(2L);
    assertThat(log.after(second).lost()).as("it is told").isTrue();
    assertThat(log.after(log.after(log.begin()).next()).lost()).isTrue();
  }

  @Test
  void aDamagedBlockIsPassedOverAndNoOther() throws Exception {
    TableLog log = open();
    for (int i = 1; i <= 100; i++) {
      log.append(List.of(block(i, i, false)));
    }
    LogCursor full = log.after(log.begin()).stored().get(1).at();
    LogCursor open = log.after(new LogCursor(log.end().segment(), 0)).stored().getLast().at();
    for (LogCursor at : List.of(full, open)) {
      Path segment = folder.resolve("%016x.seg".formatted(at.segment()));
      try (var file = FileChannel.open(segment, WRITE)) {
        // How many rows there are, behind the two times.
        file.write(ByteBuffer.wrap(new byte[] {-1}), at.offset() + BlockFormat.FRAME + 16);
      }
    }

    List<Long> seen = new ArrayList<>();
    assertThat(follow(log, log.begin(), seen)).isEqualTo(log.end());

    assertThat(seen).hasSize(98).isSorted().doesNotContain(2L, 100L);
    assertThat(times(log, 0, Long.MAX_VALUE)).isEqualTo(seen);
    assertThat(log.after(full).lost()).as("it is told").isTrue();
    assertThat(log.after(open).lost()).as("it is told").isTrue();
  }

  private static LogCursor follow(TableLog log, LogCursor from, List<Long> seen)
      throws IOException {
    TableLog.Page page = log.after(from);
    while (!page.blocks().isEmpty()) {
      page.blocks().forEach(block -> block.rows().forEach(row -> seen.add(row.micros())));
      page = log.after(page.next());
    }
    return page.next();
  }
}
