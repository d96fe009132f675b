package dev.sandpool.server.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.ledger.Samples;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Followers that miss rows, or see some twice, while files are begun and removed under them. */
class LogFollowerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int BLOCK = 50;

  /** More than three segments. */
  private static final int ROWS = 30_000;

  private static final LogPlace PLACE =
      new LogPlace("workspace", Samples.poolId(1), "pool", "/pool", "/environment", "local");

  @TempDir private Path folder;

  private LogStore store(long poolBytes) throws IOException {
    return LogStore.open(
        folder, new LogStore.Bounds(Duration.ofDays(9999), poolBytes, 1L << 40), new LogCounters());
  }

  private static void print(LogStore store, int from, int to) throws IOException {
    for (int number = from; number < to; number += BLOCK) {
      List<LogRow> rows =
          IntStream.range(number, number + BLOCK)
              .mapToObj(it -> it + " " + "x".repeat(1000))
              .map(it -> it.getBytes(StandardCharsets.US_ASCII))
              .map(text -> new LogRow(1_000, LogOperation.STDOUT, text))
              .toList();
      store.append(
          PLACE,
          LogTable.CONSOLE,
          List.of(new LogBlock(new LogOrigin("abcdefgh", "", ""), rows, null, false)));
    }
  }

  /** Keeps the numbers of the rows that it is given; may be slow. */
  private static final class Reader implements LogFollower.Receiver {
    final List<Integer> numbers = new ArrayList<>();

    @Override
    public synchronized void take(LogPlace place, LogOrigin origin, LogRow row) {
      String text = row.string();
      numbers.add(Integer.parseInt(text.substring(0, text.indexOf(' '))));
    }

    @Override
    public void pause() {}

    synchronized List<Integer> seen() {
      return List.copyOf(numbers);
    }
  }

  @Test
  void aFollowerUnderLoadSeesEachRowOnceAcrossFiles() throws Exception {
    LogStore store = store(1L << 40);
    print(store, 0, BLOCK);
    var reader = new Reader();
    var wanted = new AtomicBoolean(true);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var follower = new LogFollower(store, PLACE.pool(), LogTable.CONSOLE, Instant.EPOCH);
      var following =
          threads.submit(
              () -> {
                follower.follow(reader, wanted::get);
                return null;
              });
      print(store, BLOCK, ROWS);
      await().atMost(PATIENCE).until(() -> reader.seen().size() >= ROWS);
      wanted.set(false);
      following.get();
    }
    assertThat(store.bytes()).isGreaterThan(3L * TableLog.SEGMENT);
    assertThat(reader.seen()).isEqualTo(IntStream.range(0, ROWS).boxed().toList());
  }

  @Test
  void aFollowerThatRetentionOvertakesGoesOnInOrder() throws Exception {
    LogStore store = store(2L * TableLog.SEGMENT);
    var reader = new Reader();
    var follower = new LogFollower(store, PLACE.pool(), LogTable.CONSOLE, Instant.EPOCH);
    print(store, 0, BLOCK);
    follower.read(reader);
    print(store, BLOCK, ROWS);
    store.retain(Instant.EPOCH);
    follower.read(reader);
    print(store, ROWS, ROWS + BLOCK);
    follower.read(reader);

    List<Integer> seen = reader.seen();
    assertThat(seen).isSorted().doesNotHaveDuplicates();
    assertThat(seen.subList(0, BLOCK)).isEqualTo(IntStream.range(0, BLOCK).boxed().toList());
    assertThat(seen).hasSizeBetween(BLOCK + 1, ROWS).endsWith(ROWS + BLOCK - 1);
  }
}
