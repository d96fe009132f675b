package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DrainTest {
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  @Test
  void requestUnderWayEndsAndNoOtherBegins() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    StubSandbox sandbox =
        bed.sandbox(
            (request, in, out) -> {
              go.await();
              StubSandbox.respond(out, "in time");
            });
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));
    await().until(() -> !sandbox.requests.isEmpty());

    Thread drain = Thread.ofVirtual().start(() -> bed.gateway().drain(Duration.ofSeconds(20)));
    await().until(this::refusesConnections);
    go.countDown();

    assertThat(caller.receive().body()).isEqualTo("in time");
    assertThat(drain.join(Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void requestThatDoesNotEndIsCut() throws Exception {
    StubSandbox sandbox = bed.sandbox((request, in, out) -> in.read());
    RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));
    await().until(() -> !sandbox.requests.isEmpty());

    bed.gateway().drain(Duration.ofMillis(300));

    assertThat(caller.isCut()).isTrue();
  }

  private boolean refusesConnections() {
    try (RawCaller probe = new RawCaller(bed.port())) {
      return probe.isCut();
    } catch (IOException refused) {
      return true;
    }
  }
}
