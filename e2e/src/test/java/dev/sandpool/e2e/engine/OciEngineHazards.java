package dev.sandpool.e2e.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.sandpool.e2e.Leftovers;
import dev.sandpool.model.Isolation;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.time.Patience;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What guests do to get out or to do harm, and what crashes leave behind. */
abstract class OciEngineHazards extends OciEngineBed {
  @Test
  void theImagesUserHasNoPrivileges() throws Exception {
    engine.close();
    engine = open("app");
    SandboxSpec spec =
        script(0, "id; grep Cap /proc/self/status; pwd; hostname; echo $HOME; echo done");
    engine.start(spec);

    String output = awaitLine(spec.id(), "done");
    assertThat(output)
        .containsPattern("uid=1234\\(app\\) gid=1234\\(app\\) groups=.*77\\(extra\\)")
        .contains("CapEff:\t0000000000000000")
        .contains("F /work/deep\n")
        .contains("F " + spec.id().value() + "\n")
        .contains("F /home/app\n");
  }

  @Test
  void neitherHostNorNeighbourIsReachedWithEgressOrWithout() throws Exception {
    HttpServer host = HttpServer.create(new InetSocketAddress("0.0.0.0", 0), 0);
    host.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    host.start();
    try {
      RunningSandbox neighbour =
          engine.start(running(0, NetworkStatus.EGRESS_DISABLED, "/app/serve"));
      int port = host.getAddress().getPort();
      assertUnreachable(1, NetworkStatus.EGRESS_DISABLED, neighbour.address(), port);
      assertUnreachable(2, NetworkStatus.EGRESS_ENABLED, neighbour.address(), port);
    } finally {
      host.stop(0);
    }
  }

  /** The host's end of a slot is one below the guest's. */
  private void assertUnreachable(int slot, NetworkStatus network, String neighbour, int port)
      throws Exception {
    String gateway = neighbour.replaceAll("\\d+$", Integer.toString(2 * slot));
    String attempts =
        "for t in %s:%d %s:8080; do wget -q -T 2 -O /dev/null http://$t/ && echo reached $t; done;"
            .formatted(gateway, port, neighbour);
    SandboxSpec spec =
        running(slot, network, "/app/run", attempts + " ip route; cat /etc/resolv.conf; echo done");
    engine.start(spec);
    assertThat(awaitLine(spec.id(), "done")).doesNotContain("reached");
  }

  @Test
  void aFloodOfOutputStaysWithinItsBound() throws Exception {
    SandboxSpec spec = running(0, NetworkStatus.EGRESS_DISABLED, "/app/flood");
    engine.start(spec);
    Path log = dataDir.resolve("sandboxes").resolve(instance.nameOf(spec.id())).resolve("log");
    Object first = Files.getAttribute(log, "unix:ino");
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              assertThat(Files.size(log)).isLessThanOrEqualTo(CONSOLE);
              assertThat(Files.getAttribute(log, "unix:ino")).isNotEqualTo(first);
            });
  }

  @Test
  void aForkBombDoesNotLeaveTheSandbox() throws Exception {
    SandboxSpec spec = script(0, "bomb() { bomb | bomb & }; bomb; echo set off");
    engine.start(spec);
    awaitLine(spec.id(), "set off");

    engine.stop(spec.id(), Duration.ofMillis(100));

    assertThat(engine.reclaim(Set.of())).isEmpty();
  }

  @Test
  void anApplicationThatEndsWhenAskedIsNotWaitedFor() throws Exception {
    SandboxSpec spec = script(0, "trap 'exit 0' TERM; echo ready; while :; do sleep 0.1; done");
    engine.start(spec);
    awaitLine(spec.id(), "ready");

    long before = System.nanoTime();
    engine.stop(spec.id(), Patience.of(Duration.ofSeconds(30)));

    assertThat(Duration.ofNanos(System.nanoTime() - before))
        .isLessThan(Patience.of(Duration.ofSeconds(15)));
  }

  @Test
  void aDeepTreeOfTheGuestIsRemoved() throws Exception {
    SandboxSpec spec =
        script(
            0,
            "i=0; while [ $i -lt 300 ]; do mkdir d123456789012345; cd d123456789012345;"
                + " i=$((i+1)); done; echo done");
    engine.start(spec);
    awaitLine(spec.id(), "done");

    engine.stop(spec.id(), Duration.ZERO);

    assertThat(engine.reclaim(Set.of())).isEmpty();
  }

  @Test
  void namespacesAndMountsAreRefused() throws Exception {
    SandboxSpec spec =
        script(
            0,
            "unshare -U true && echo made userns; mount -t tmpfs x /tmp && echo made mount;"
                + " mknod /tmp/n b 8 0 && echo made device; echo done");
    engine.start(spec);
    String output = awaitLine(spec.id(), "done");
    assertThat(output).doesNotContain("made mount");
    if (runtimes().isolation() == Isolation.CONTAINER) {
      // gVisor has namespaces and device nodes of its own, which lead nowhere.
      assertThat(output).doesNotContain("made");
    }
  }

  @Test
  void aServerKilledAtAnyMomentLeavesNothingThatReclaimDoesNotFind() throws Exception {
    long seed = RandomGenerator.getDefault().nextLong();
    System.out.println("seed " + seed);
    var random = new java.util.Random(seed);
    for (int round = 0; round < 4; round++) {
      Process server = CrashingServer.start(dataDir, instance, runtimes());
      try (var lines = server.inputReader(StandardCharsets.UTF_8)) {
        assertThat(lines.readLine()).isEqualTo("open");
        // How far the start gets in this time is what the test is about.
        server.waitFor(Patience.of(Duration.ofMillis(random.nextInt(400))));
      } finally {
        server.destroyForcibly().waitFor();
      }
      engine.reclaim(Set.of());
      assertThat(engine.running()).isEmpty();
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                engine.reclaim(Set.of());
                assertThat(Leftovers.sandboxes(instance)).isEmpty();
              });
    }
  }
}
