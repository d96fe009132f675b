package dev.sandpool.server.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.oci.FileConsoles;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.ledger.Samples;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.VirtualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines of which a piece is the last row of a full log, and the rest begins the next one. */
class LinesAcrossFilesTest {
  private static final SandboxId SANDBOX = Samples.sandboxId(1);

  private static final Pattern PIECE = Pattern.compile("<(\\d+\\.\\d)>");

  @TempDir private Path folder = Path.of("set by JUnit");
  private final MemoryLedger ledger = new MemoryLedger();
  private final VirtualTime time = new VirtualTime();
  private final PoolRecord pool = Samples.pool(1, 10);

  @SuppressWarnings("NullAway.Init") // set before each test
  private FileConsoles console;

  @SuppressWarnings("NullAway.Init") // set before each test
  private LogStore store;

  @SuppressWarnings("NullAway.Init") // set before each test
  private LogCollector collector;

  @BeforeEach
  void begin() throws IOException {
    ledger.putResource(
        new ResourceRecord(
            Samples.ENVIRONMENT,
            "Microsoft.App/managedEnvironments",
            "{\"location\":\"local\"}",
            "ann",
            Samples.NOW,
            "ann",
            Samples.NOW));
    ledger.putPool(pool, Samples.document(pool));
    ledger.recordStarting(Samples.starting(1, pool.desired().id(), NetworkStatus.EGRESS_DISABLED));
    console = new FileConsoles(SANDBOX, Files.createDirectory(folder.resolve("console")));
    restart();
  }

  /** As after a kill: only what is in files is left. */
  private void restart() throws IOException {
    var counters = new LogCounters();
    store =
        LogStore.open(
            folder.resolve("logs"),
            new LogStore.Bounds(Duration.ofDays(9999), 1 << 30, 1 << 30),
            counters);
    collector =
        new LogCollector(
            new LogCollector.Parts(
                ledger,
                console,
                store,
                new LogFeed(counters, time),
                counters,
                new SessionHash(DataKey.of(new byte[32])),
                time));
    collector.adopt();
  }

  private List<String> rows(LogOperation stream) throws IOException {
    List<String> rows = new ArrayList<>();
    for (PoolLog log : store.pool(pool.id())) {
      log.table(LogTable.CONSOLE)
          .scan(
              Long.MIN_VALUE + 1,
              Long.MAX_VALUE - 1,
              block -> {
                block.rows().stream()
                    .filter(row -> row.operation() == stream)
                    .forEach(row -> rows.add(row.string()));
                return true;
              });
    }
    return rows;
  }

  @Test
  void aLineOverTwoFilesIsOneRow() throws IOException {
    console.line("stdout", "before");
    console.piece("stdout", "one ");
    collector.round();
    console.replace();
    console.line("stdout", "line");
    console.line("stdout", "after");
    collector.round();
    collector.round();
    assertThat(rows(LogOperation.STDOUT)).containsExactly("before", "one line", "after");
  }

  @Test
  void soItIsWhenTheServerIsKilledBetween() throws IOException {
    console.piece("stdout", "one ");
    collector.round();
    restart();
    console.replace();
    console.piece("stdout", "long ");
    collector.round();
    restart();
    console.line("stderr", "something else");
    console.line("stdout", "line");
    collector.round();
    restart();
    collector.round();
    console.line("stdout", "after");
    collector.round();
    assertThat(rows(LogOperation.STDOUT)).containsExactly("one long line", "after");
    assertThat(rows(LogOperation.STDERR)).containsExactly("something else");
  }

  /** Its sandbox may say nothing more for hours. */
  @Test
  void aLineThatDoesNotGoOnIsToldAsItIs() throws IOException {
    console.piece("stdout", "half");
    collector.round();
    console.replace();
    console.line("stderr", "other");
    collector.round();
    time.advance(Duration.ofSeconds(3));
    collector.round();
    collector.round();
    assertThat(rows(LogOperation.STDOUT)).containsExactly("half");
    assertThat(rows(LogOperation.STDERR)).containsExactly("other");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 0})
  void whateverIsReplacedAndKilledWhenEachLineIsOneRow(long given) throws IOException {
    long seed = given == 0 ? System.nanoTime() : given;
    System.out.println("LinesAcrossFilesTest seed " + seed);
    var random = new Random(seed);
    List<String> printed = new ArrayList<>();
    for (int number = 0; number < 150; number++) {
      var line = new StringBuilder("line " + number + ":");
      String begin = line.toString();
      boolean mayReplace = true;
      for (int pieces = random.nextInt(4); pieces >= 0; pieces--) {
        if (mayReplace && random.nextInt(6) == 0) {
          // Twice before anybody looks is a loss: the test after this one.
          collector.round();
          collector.round();
          console.replace();
          mayReplace = false;
        }
        String text = begin + " ".repeat(random.nextInt(9_000)) + pieces;
        begin = "";
        line.append(text.substring(text.startsWith("line") ? text.indexOf(':') + 1 : 0));
        if (pieces > 0) {
          console.piece("stdout", text);
        } else {
          console.line("stdout", text);
        }
        if (random.nextInt(3) == 0) {
          console.line("stderr", "between");
        }
        if (random.nextInt(3) == 0) {
          collector.round();
        }
        if (random.nextInt(5) == 0) {
          restart();
        }
      }
      printed.add(line.toString());
      collector.round();
      collector.round();
    }
    assertThat(rows(LogOperation.STDOUT)).isEqualTo(printed);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theFileInWhichALineEndedIsReadOnWhenItIsReplacedToo(boolean killed) throws IOException {
    console.line("stdout", "old");
    console.piece("stdout", "one ");
    collector.round();
    console.replace();
    console.line("stdout", "line");
    collector.round();
    console.line("stdout", "behind it");
    console.replace();
    console.line("stdout", "new");
    if (killed) {
      restart();
    }
    for (int look = 0; look < 4; look++) {
      collector.round();
    }
    assertThat(rows(LogOperation.STDOUT)).containsExactly("old", "one line", "behind it", "new");
    assertThat(rows(LogOperation.OUTPUT_LOST)).isEmpty();
  }

  @Test
  void noLineIsJoinedOverAFileThatNobodySaw() throws IOException {
    console.piece("stdout", "one ");
    collector.round();
    console.replace();
    console.line("stdout", "line");
    console.piece("stdout", "an");
    console.replace();
    console.line("stdout", "other");
    for (int look = 0; look < 4; look++) {
      collector.round();
    }
    assertThat(rows(LogOperation.STDOUT)).containsExactly("one ", "other");
    assertThat(rows(LogOperation.OUTPUT_LOST)).hasSize(1);
  }

  /** Each piece is {@code <LINE.PIECE>} and blanks. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 0})
  void whateverIsLostNothingIsStoredTwiceOrJoinedWithWhatDoesNotFollow(long given)
      throws IOException {
    long seed = given == 0 ? System.nanoTime() : given;
    System.out.println("LinesAcrossFilesTest losses, seed " + seed);
    var random = new Random(seed);
    List<String> printed = new ArrayList<>();
    for (int number = 100; number < 220; number++) {
      int last = random.nextInt(4);
      for (int piece = 0; piece <= last; piece++) {
        if (random.nextInt(5) == 0) {
          console.replace();
        }
        String name = number + "." + piece;
        printed.add(name);
        String text = "<" + name + ">" + " ".repeat(random.nextInt(6_000));
        if (piece < last) {
          console.piece("stdout", text);
        } else {
          console.line("stdout", text);
        }
        if (random.nextInt(3) == 0) {
          collector.round();
        }
        if (random.nextInt(8) == 0) {
          restart();
        }
        if (random.nextInt(8) == 0) {
          time.advance(Duration.ofSeconds(3));
        }
      }
    }
    for (int look = 0; look < 10; look++) {
      time.advance(Duration.ofSeconds(3));
      collector.round();
    }
    List<String> stored = new ArrayList<>();
    for (String row : rows(LogOperation.STDOUT)) {
      List<String> pieces = PIECE.matcher(row).results().map(it -> it.group(1)).toList();
      assertThat(printed).as("row %s", pieces).containsSequence(pieces);
      assertThat(pieces.stream().map(it -> it.replaceAll("\\..*", "")).distinct()).hasSize(1);
      stored.addAll(pieces);
    }
    assertThat(stored).contains(printed.getLast()).doesNotHaveDuplicates().isSorted();
    assertThat(stored.size() < printed.size())
        .as("something is lost")
        .isEqualTo(!rows(LogOperation.OUTPUT_LOST).isEmpty());
  }
}
