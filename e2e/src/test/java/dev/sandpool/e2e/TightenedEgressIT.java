package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A pool loses its egress, and with it every sandbox that runs, in the middle of a transfer (G8).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TightenedEgressIT {
  /** Addresses that stand for the internet; nobody outside this host is asked. */
  private static final String FAR = "45.45.45.45";

  /** That one sandbox may have to the outside; the transfers here are one each. */
  private static final int CONNECTIONS = 8;

  private static final Path HERE = Path.of("/");

  /** Sends a byte every 50 ms to everybody who connects. */
  private static final String DRIP =
      """
      import socket, threading, time
      def drip(c):
          try:
              while True:
                  c.send(b"x")
                  time.sleep(0.05)
          except OSError:
              c.close()
      s = socket.create_server(("0.0.0.0", 9000))
      while True:
          threading.Thread(target=drip, args=(s.accept()[0],), daemon=True).start()
      """;

  /** Keeps a file as long as what has come. */
  private static final String DRINK =
      "import os, socket; os.fork() and os._exit(0); os.setsid(); c = socket.create_connection((\""
          + FAR
          + "\", 9000), 5); "
          + "f = open(\"/tmp/got\", \"ab\", 0)\nwhile True: f.write(c.recv(100) or exit())";

  /** Says how many connections it got at once. */
  private static final String HOARD =
      """
      import socket
      held = []
      for attempt in range(20):
          try:
              held.append(socket.create_connection(("45.45.45.45", 9000), 0.5))
          except OSError:
              pass
      print(len(held))
      """;

  /** Answers when it is told to. */
  private static final String WAIT =
      "touch /tmp/waiting; until [ -e /tmp/go ]; do sleep 0.1; done; echo still here";

  private final String far;
  private final String wire;
  private final Stage stage;
  private Process internet;

  TightenedEgressIT() throws Exception {
    stage = Stage.development("tightened", "network:\n  connections: " + CONNECTIONS + "\n");
    far = "far" + stage.server().instance().value();
    wire = "w" + stage.server().instance().value();
    internet = new ProcessBuilder("true").start();
  }

  @BeforeAll
  void makeAnInternet() throws Exception {
    shell(
        """
        ip netns add %1$s
        ip link add %2$s type veth peer name far0 netns %1$s
        ip addr add 100.127.77.1/30 dev %2$s && ip link set %2$s up
        ip -n %1$s addr add 100.127.77.2/30 dev far0 && ip -n %1$s link set far0 up
        ip -n %1$s addr add %3$s/32 dev far0 && ip -n %1$s route add default via 100.127.77.1
        ip route add %3$s/32 via 100.127.77.2
        echo 1 > /proc/sys/net/ipv4/conf/%2$s/forwarding
        """
            .formatted(far, wire, FAR));
    internet =
        new ProcessBuilder("ip", "netns", "exec", far, "python3", "-c", DRIP).inheritIO().start();
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    internet.destroyForcibly().waitFor();
    shell("ip link del " + wire + "; ip netns del " + far);
    stage.close();
  }

  private static String shell(String script) throws IOException, InterruptedException {
    return Shell.runWithInput(HERE, script, "sh", "-e");
  }

  private static long got(TestPool pool, String identifier) {
    String size = pool.shell(identifier, "stat -c %s /tmp/got 2>/dev/null || echo 0").strip();
    return Long.parseLong(size);
  }

  @Test
  void aTransferUnderWayIsCutAndTheSessionGoesOn() throws Exception {
    TestPool pool =
        stage.pool("open", "--max-sessions 5 --ready-sessions 1 --network-status EgressEnabled");
    String sandbox = pool.instance("holder-01");
    pool.shell("holder-01", "python3 -c '" + DRINK + "' </dev/null >/dev/null 2>&1");
    await("the transfer is under way")
        .atMost(Duration.ofSeconds(30))
        .until(() -> got(pool, "holder-01") > 20);
    await("connected").until(() -> connections() > 0);
    CompletableFuture<String> underWay =
        CompletableFuture.supplyAsync(() -> pool.shell("holder-01", WAIT));
    await("a request is under way")
        .until(() -> pool.shell("holder-01", "ls /tmp").contains("waiting"));

    stage
        .cli()
        .ok("sandpool sessionpool update --name open -g group --network-status EgressDisabled");

    await("the kernel has forgotten the transfer").until(() -> tracked().isEmpty());
    pool.shell("holder-01", "touch /tmp/go");
    assertThat(underWay).succeedsWithin(Duration.ofSeconds(30)).isEqualTo("still here\n");
    await("the transfer stands still")
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> {
              long before = got(pool, "holder-01");
              long after = got(pool, "holder-01");
              return before == after;
            });
    long at = got(pool, "holder-01");
    assertThat(pool.shell("holder-01", connect())).contains("no");
    assertThat(got(pool, "holder-01")).as("nothing came meanwhile").isEqualTo(at);
    assertThat(pool.instance("holder-01")).as("the same sandbox").isEqualTo(sandbox);
    assertThat(pool.shell("newcomer-01", connect())).contains("no");
  }

  private static String connect() {
    return "python3 -c 'import socket; socket.create_connection((\""
        + FAR
        + "\", 9000), 2)' >/dev/null 2>&1 && echo yes || echo no";
  }

  /** Positive control: what is cut was there, seen from the other side. */
  private long connections() throws IOException, InterruptedException {
    String table = shell("ip netns exec " + far + " ss -Htn state established sport = :9000");
    return table.lines().count();
  }

  private static String tracked() throws IOException, InterruptedException {
    return shell("conntrack -L -f ipv4 --orig-dst " + FAR + " 2>/dev/null");
  }

  @Test
  void aTransferThatNobodyForbidsGoesOn() throws Exception {
    TestPool pool =
        stage.pool("free", "--max-sessions 5 --ready-sessions 1 --network-status EgressEnabled");
    pool.shell("holder-02", "python3 -c '" + DRINK + "' </dev/null >/dev/null 2>&1");
    await("the transfer is under way")
        .atMost(Duration.ofSeconds(30))
        .until(() -> got(pool, "holder-02") > 20);
    long at = got(pool, "holder-02");
    stage.cli().ok("sandpool sessionpool update --name free -g group --max-sessions 6");
    await("and goes on").until(() -> got(pool, "holder-02") > at + 20);
  }

  @Test
  void whoConnectsWithoutEndIsRefusedMoreAndItsNeighbourIsNot() throws Exception {
    TestPool pool =
        stage.pool("hoard", "--max-sessions 5 --ready-sessions 1 --network-status EgressEnabled");
    try {
      assertThat(pool.shell("hoarder-01", "python3 -c '" + HOARD + "'").strip())
          .isEqualTo(Integer.toString(CONNECTIONS));
      assertThat(pool.shell("neighbour-1", connect())).contains("yes");
    } finally {
      // With a sandbox its connections are forgotten, which others here look for.
      pool.stop("hoarder-01");
      pool.stop("neighbour-1");
    }
  }
}
