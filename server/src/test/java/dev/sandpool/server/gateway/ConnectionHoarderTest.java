package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One session must not take the gateway's descriptors, however many requests it keeps waiting. */
class ConnectionHoarderTest {
  private static final int EACH_LOOP = 3;
  private static final int ALL = 2 * EACH_LOOP;

  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed(Duration.ofSeconds(30), Duration.ofMinutes(4), 10, EACH_LOOP);
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  @Test
  void whoHasAllConnectionsToItsSandboxIsToldSoAndOthersAreServed() throws Exception {
    var go = new CountDownLatch(1);
    var waiting = new AtomicInteger();
    bed.sandbox(
        (request, in, out) -> {
          waiting.incrementAndGet();
          go.await();
          StubSandbox.respond(out, "at last");
        });
    List<RawCaller> callers = new ArrayList<>();
    for (int i = 0; i < 3 * ALL; i++) {
      callers.add(bed.call().send(GatewayBed.request("GET", "/?identifier=hoarder", "")));
    }
    await().until(() -> waiting.get() == ALL);
    bed.sandbox("neighbour");

    assertThat(bed.get("/?identifier=neighbour").body()).isEqualTo("neighbour");
    go.countDown();

    int busy = 0;
    for (RawCaller caller : callers) {
      RawCaller.Answer answer = caller.receive();
      if (answer.status() == 503) {
        assertThat(answer.header("x-ms-error-code")).containsExactly("SandboxBusy");
        busy++;
      } else {
        assertThat(answer.body()).isEqualTo("at last");
      }
    }
    assertThat(busy).isBetween(1, 2 * ALL);
    assertThat(bed.get("/?identifier=hoarder").body()).as("afterwards").isEqualTo("at last");
  }
}
