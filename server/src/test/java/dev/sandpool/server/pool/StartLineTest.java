package dev.sandpool.server.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.PoolId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One pool's burst of starts must not hold up another's, nor take all processors to refill. */
class StartLineTest {
  private static final PoolId BIG = new PoolId("aaaaaaaaaa");
  private static final PoolId SMALL = new PoolId("bbbbbbbbbb");

  private final Map<PoolId, Integer> waiting = new ConcurrentHashMap<>();
  private final StartLine line = new StartLine(2, 1, pool -> waiting.getOrDefault(pool, 0));
  private final List<PoolId> begun = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();

  @AfterEach
  void end() throws InterruptedException {
    over.countDown();
    for (Thread thread : threads) {
      thread.interrupt();
      thread.join();
    }
  }

  /** Starts that many, each of which goes on until the latch is down. */
  private void start(PoolId pool, int count, CountDownLatch until) {
    int before = asked.get();
    for (int i = 0; i < count; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    asked.incrementAndGet();
                    try (StartLine.Place place = line.await(pool)) {
                      assertThat(place).isNotNull();
                      begun.add(pool);
                      until.await();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }));
    }
    await().until(() -> asked.get() == before + count);
  }

  @Test
  void poolsTakeTurns_howeverManyStartsOneHas() {
    waiting.put(BIG, 100);
    waiting.put(SMALL, 1);
    var first = new CountDownLatch(1);
    start(BIG, 2, first);
    await().until(() -> begun.size() == 2);
    start(BIG, 50, over);
    start(SMALL, 1, over);

    first.countDown();

    await().until(() -> begun.size() == 4);
    assertThat(begun).contains(SMALL);
  }

  @Test
  void refillsLeaveRoom_untilSomebodyWaits() {
    start(BIG, 5, over);
    await().until(() -> begun.size() == 1);
    assertThat(begun).hasSize(1);

    waiting.put(BIG, 1);
    line.look();

    await().until(() -> begun.size() == 2);
  }

  @Test
  void whoeverIsWaitedFor_comesBeforeRefills() {
    var first = new CountDownLatch(1);
    waiting.put(SMALL, 2);
    start(SMALL, 2, first);
    await().until(() -> begun.size() == 2);
    start(BIG, 5, over);
    start(SMALL, 2, over);

    first.countDown();

    await().until(() -> begun.size() == 4);
    assertThat(begun).containsOnly(SMALL);
  }

  @Test
  void startThatIsGivenUp_leavesTheLine() throws InterruptedException {
    start(BIG, 2, over);
    await().until(() -> begun.size() == 1);
    for (Thread thread : List.copyOf(threads)) {
      thread.interrupt();
      thread.join();
    }

    start(SMALL, 1, over);

    await().until(() -> begun.contains(SMALL));
    assertThat(begun).hasSizeBetween(2, 3);
  }
}
