package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.Traffic;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What is forwarded is counted for the sandbox that it was forwarded to, once, to its last byte.
 */
class TrafficMetersTest {
  private GatewayBed bed;

  @BeforeEach
  void open() throws IOException {
    bed = new GatewayBed();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private Traffic of(String identifier) {
    SandboxId sandbox = Objects.requireNonNull(bed.session(identifier)).sandbox();
    return bed.traffic.read().stream()
        .filter(one -> one.sandbox().equals(sandbox))
        .findFirst()
        .orElse(new Traffic(sandbox, 0, 0, 0));
  }

  @Test
  void eachSandboxHasItsOwn() throws Exception {
    bed.sandbox("hello");
    bed.sandbox("hello");
    RawCaller caller = bed.call();
    for (String body : List.of("", "12345")) {
      String length = "Content-Length: " + body.length() + "\r\n";
      caller.send(GatewayBed.request("POST", "/?identifier=alice", length) + body);
      assertThat(caller.receive().body()).isEqualTo("hello");
    }
    assertThat(bed.get("/?identifier=bobby").body()).isEqualTo("hello");
    Traffic alice = of("alice");
    assertThat(alice).isEqualTo(new Traffic(alice.sandbox(), 2, 5, 10));
    assertThat(of("bobby").bytesOut()).isEqualTo(5);
    assertThat(of("bobby").requests()).isEqualTo(1);
  }

  /** The upgrade is one request, whatever is said on it. */
  @Test
  void whatAnUpgradedConnectionSaysIsCounted() throws Exception {
    bed.sandbox(
        (request, in, out) -> {
          StubSandbox.write(
              out,
              "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: talk\r\n\r\n");
          byte[] said = in.readNBytes(4);
          StubSandbox.write(out, new String(said, StandardCharsets.UTF_8) + "!!!");
          in.read();
        });
    RawCaller caller =
        bed.call()
            .send(
                GatewayBed.request(
                    "GET", "/?identifier=alice", "Connection: Upgrade\r\nUpgrade: talk\r\n"));
    assertThat(StubSandbox.readHead(caller.in()).getFirst()).contains("101");
    caller.send("ping");
    assertThat(caller.in().readNBytes(7)).hasSize(7);
    await().untilAsserted(() -> assertThat(of("alice").bytesOut()).isEqualTo(7));
    Traffic alice = of("alice");
    assertThat(alice).isEqualTo(new Traffic(alice.sandbox(), 1, 4, 7));
  }

  @Test
  void aSandboxThatTakesNoConnectionHasHadNoRequest() throws Exception {
    SandboxId deaf = bed.ready(1);
    bed.sandbox("hello");
    assertThat(bed.get("/?identifier=alice").body()).isEqualTo("hello");
    assertThat(bed.traffic.read())
        .allMatch(one -> one.requests() == (one.sandbox().equals(deaf) ? 0 : 1));
    assertThat(of("alice").sandbox()).isNotEqualTo(deaf);
    assertThat(of("alice").requests()).isEqualTo(1);
  }

  /** A tick that read ten thousand quiet sessions anew would keep the ledger from claims. */
  @Test
  void whoHasNothingNewIsNotNotedAgain() throws Exception {
    bed.sandbox("hello");
    bed.get("/?identifier=alice");
    assertThat(bed.traffic.read()).hasSize(1);
    assertThat(bed.traffic.read()).as("it could not be noted").hasSize(1);
    bed.traffic.noted();
    assertThat(bed.traffic.read()).isEmpty();
    bed.traffic.noted();
    bed.get("/?identifier=alice");
    assertThat(bed.traffic.read()).extracting(Traffic::requests).containsExactly(2L);
  }

  /** With a million quiet sessions a few bytes for each would be a pause of the collector. */
  @Test
  void whoIsQuietCostsATickNoMemory() throws Exception {
    int quiet = 300;
    try (var large = new GatewayBed(GatewaySettings.Limits.defaults(), quiet + 1)) {
      StubSandbox stub = large.sandbox("hello");
      RawCaller caller = large.call();
      for (int i = 0; i <= quiet; i++) {
        caller.send(GatewayBed.request("GET", "/?identifier=session-" + i, ""));
        assertThat(caller.receive().status()).isEqualTo(200);
        large.ready(stub.port());
      }
      assertThat(large.traffic.read()).hasSize(quiet + 1);
      large.traffic.noted();
      long one = tick(large, caller);
      long again = tick(large, caller);
      assertThat(Math.min(one, again)).as("bytes").isLessThan(10L * quiet);
    }
  }

  /** What a tick allocates in which one session alone has something new. */
  private static long tick(GatewayBed bed, RawCaller caller) throws IOException {
    caller.send(GatewayBed.request("GET", "/?identifier=session-7", ""));
    assertThat(caller.receive().status()).isEqualTo(200);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    List<Traffic> read = bed.traffic.read();
    bed.traffic.noted();
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(read).hasSize(1);
    return allocated;
  }

  /** Its loops are parts of one sandbox: what is noted is the sum of them, new or not. */
  @Test
  void whatOneLoopHasNewIsNotedWithWhatTheOthersHad() throws Exception {
    bed.sandbox("hello");
    int calls = 6; // on connections of their own, which the two event loops share
    for (int i = 1; i <= calls; i++) {
      bed.get("/?identifier=alice");
      assertThat(bed.traffic.read()).extracting(Traffic::requests).containsExactly((long) i);
      bed.traffic.noted();
    }
  }

  /** The connections of a session that ends close after it: their last bytes must not be lost. */
  @Test
  void whoHasEndedIsReadOnceMoreAndThenForgotten() throws Exception {
    bed.sandbox("hello");
    bed.get("/?identifier=alice");
    Objects.requireNonNull(bed.session("alice")).upstream().close();
    bed.traffic.read();
    bed.traffic.read();
    bed.traffic.noted();
    assertThat(bed.traffic.watched()).as("its last bytes").isEqualTo(1);
    bed.traffic.read();
    bed.traffic.noted();
    assertThat(bed.traffic.watched()).isZero();
    assertThat(bed.traffic.read()).isEmpty();
  }
}
