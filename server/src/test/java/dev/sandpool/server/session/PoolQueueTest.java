package dev.sandpool.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Who waits is served in order, and a line that is full says so at once. */
class PoolQueueTest {
  private static final long LONG = Duration.ofSeconds(10).toNanos();
  private static final Presence WAITING = new Presence();

  @Test
  void firstComeFirstServedThoughOnlyOneIsWoken() throws InterruptedException {
    var queue = new PoolQueue(10);
    List<Integer> served = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    // A caller that holds the head's place until all have joined.
    PoolQueue.Ticket head = Objects.requireNonNull(queue.join());
    assertThat(head.awaitTurn(LONG, WAITING)).isTrue();
    for (int i = 0; i < 5; i++) {
      int number = i;
      PoolQueue.Ticket ticket = Objects.requireNonNull(queue.join());
      threads.add(Thread.ofVirtual().start(() -> serve(ticket, number, served)));
    }
    assertThat(queue.size()).isEqualTo(6);
    head.close();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(served).containsExactly(0, 1, 2, 3, 4);
    assertThat(queue.size()).isZero();
  }

  private static void serve(PoolQueue.Ticket ticket, int number, List<Integer> served) {
    try (ticket) {
      if (ticket.awaitTurn(LONG, WAITING)) {
        served.add(number);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void theHeadLooksOnceThenSleepsUntilSomethingChanges() throws InterruptedException {
    var queue = new PoolQueue(10);
    try (PoolQueue.Ticket ticket = Objects.requireNonNull(queue.join())) {
      assertThat(ticket.awaitTurn(LONG, WAITING)).isTrue();
      assertThat(ticket.awaitTurn(1, WAITING)).isFalse();
      Thread waker = Thread.ofVirtual().start(queue::wake);
      assertThat(ticket.awaitTurn(LONG, WAITING)).isTrue();
      waker.join();
    }
  }

  @Test
  void aFullLineRefusesAtOnce() {
    var queue = new PoolQueue(1);
    PoolQueue.Ticket first = Objects.requireNonNull(queue.join());
    assertThat(queue.join()).isNull();
    first.close();
    await().until(() -> queue.size() == 0);
    assertThat(queue.join()).isNotNull();
  }
}
