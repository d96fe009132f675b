package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** From inside a sandbox of a pool without egress there is nothing to be reached (G8). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EgressIT {
  /** Tries each target of its arguments; "open" is what no line may say. */
  private static final String PROBE =
      """
      import errno, socket, sys, time
      for target in sys.argv[1:]:
          kind, host, port = target.split(",")
          begin = time.monotonic()
          try:
              s = socket.socket(type=socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
              s.settimeout(1)
              s.connect((host, int(port)))
              if kind == "udp":
                  s.send(b"probe")
                  s.recv(10)
              said = "open"
          except socket.timeout:
              said = "timeout"
          except OSError as e:
              said = errno.errorcode.get(e.errno, str(e.errno))
          print(target, said, "slow" if time.monotonic() - begin > 0.8 else "at-once")
      """;

  final Stage stage;
  final TestPool pool;
  private final String table;
  private final ServerSocket everywhere;
  private final ServerSocket loopback;
  private final DatagramSocket datagrams;

  EgressIT() throws Exception {
    stage = Stage.development("egress", config());
    table = "e2e_" + stage.server().instance().value();
    everywhere = new ServerSocket(0);
    loopback = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    datagrams = new DatagramSocket(0);
    pool = stage.pool("closed", "--max-sessions 10 --ready-sessions 2");
  }

  String config() {
    return "";
  }

  /** Counts what is let through of the sandboxes' packets, after all rules of the server. */
  @BeforeAll
  void count() throws Exception {
    Shell.runWithInput(
        Path.of("/"),
        """
        table inet %1$s {
          counter answers {}
          counter arrived {}
          counter forwarded {}
          chain input {
            type filter hook input priority 300;
            iifname "%2$s*" ct direction reply counter name answers
            iifname "%2$s*" ct direction original counter name arrived
          }
          chain forward {
            type filter hook forward priority 300;
            iifname "%2$s*" counter name forwarded
          }
        }
        """
            .formatted(table, stage.server().instance().prefix()),
        "nft",
        "-f",
        "-");
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    Shell.run(Path.of("/"), "nft", "delete", "table", "inet", table);
    everywhere.close();
    loopback.close();
    datagrams.close();
    stage.close();
  }

  private long counted(String counter) throws IOException, InterruptedException {
    String text = Shell.run(Path.of("/"), "nft", "list", "counter", "inet", table, counter);
    return Long.parseLong(text.replaceAll("(?s).*packets ([0-9]+) .*", "$1"));
  }

  private String probe(String identifier, List<String> targets) {
    String script = PROBE.replace("'", "'\\''");
    return pool.shell(identifier, "python3 -c '" + script + "' " + String.join(" ", targets));
  }

  private void nothingOf(List<String> targets) throws Exception {
    long before = counted("arrived") + counted("forwarded");
    String said = probe("probe-001", targets);
    assertThat(said.lines()).as(said).hasSize(targets.size());
    assertThat(said.lines()).as(said).noneMatch(line -> line.contains(" open "));
    assertThat(counted("arrived") + counted("forwarded"))
        .as("packets let through")
        .isEqualTo(before);
  }

  @Test
  void theHostIsNotReachedAtAnyOfItsAddresses() throws Exception {
    pool.instance("probe-001");
    List<String> addresses = hostAddresses();
    controlListeners(addresses.getFirst());
    List<String> targets = new ArrayList<>();
    for (String address : addresses) {
      targets.add("tcp," + address + "," + everywhere.getLocalPort());
      targets.add("udp," + address + "," + datagrams.getLocalPort());
    }
    targets.add("tcp,127.0.0.1," + loopback.getLocalPort());
    nothingOf(targets);
    nobodyCame();
  }

  /** The host's end of the sandbox's own wire is among them. */
  private List<String> hostAddresses() throws IOException {
    String slot = stage.server().instance().prefix() + pool.sandbox("probe-001");
    List<String> addresses = new ArrayList<>();
    for (NetworkInterface card : NetworkInterface.networkInterfaces().toList()) {
      boolean ours = card.getName().equals(slot);
      boolean ofSandboxes = card.getName().startsWith(stage.server().instance().prefix());
      if (ours || !(card.isLoopback() || ofSandboxes)) {
        card.inetAddresses()
            .filter(Inet4Address.class::isInstance)
            .forEach(address -> addresses.add(address.getHostAddress()));
      }
    }
    assertThat(addresses).as("the slot's gateway at least").isNotEmpty();
    return addresses;
  }

  /** The listeners can be reached, so what does not arrive was stopped. */
  private void controlListeners(String address) throws IOException {
    try (var socket = new Socket();
        var sender = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(address, everywhere.getLocalPort()), 3000);
      everywhere.accept().close();
      byte[] hello = {1};
      sender.send(
          new DatagramPacket(hello, 1, new InetSocketAddress(address, datagrams.getLocalPort())));
      datagrams.setSoTimeout(3000);
      datagrams.receive(new DatagramPacket(new byte[10], 10));
    }
  }

  private void nobodyCame() throws IOException {
    for (ServerSocket listener : List.of(everywhere, loopback)) {
      listener.setSoTimeout(1);
      org.assertj.core.api.Assertions.assertThatThrownBy(listener::accept)
          .isInstanceOf(SocketTimeoutException.class);
    }
    datagrams.setSoTimeout(1);
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> datagrams.receive(new DatagramPacket(new byte[10], 10)))
        .isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void anotherSandboxIsNotReached() throws Exception {
    pool.instance("victim-01");
    String victim = pool.shell("victim-01", "hostname -I").strip();
    assertThat(victim).matches("[0-9.]+");
    nothingOf(List.of("tcp," + victim + ",8080", "udp," + victim + ",8080"));
  }

  @Test
  void theInternetMetadataAndResolversAreNotReachedAndFailAtOnce() throws Exception {
    List<String> targets =
        List.of(
            "tcp,169.254.169.254,80",
            "tcp,8.8.8.8,53",
            "udp,8.8.8.8,53",
            "tcp,1.1.1.1,443",
            "tcp,10.0.0.1,80",
            "tcp,192.168.0.1,80",
            "udp,169.254.169.254,53");
    nothingOf(targets);
    String said = probe("probe-001", targets);
    assertThat(said.lines())
        .as(said)
        .allMatch(line -> line.matches(".* E(NET|HOST)UNREACH at-once"));
  }

  @Test
  void namesAreNotResolved() throws Exception {
    long before = counted("arrived") + counted("forwarded");
    String said =
        pool.shell(
            "probe-001",
            "timeout 20 python3 -c 'import socket; socket.getaddrinfo(\"example.com\", 80)'");
    assertThat(said).contains("gaierror");
    assertThat(counted("arrived") + counted("forwarded")).isEqualTo(before);
  }

  @Test
  void theCountersCount() throws Exception {
    long before = counted("answers");
    pool.instance("probe-001");
    assertThat(counted("answers")).isGreaterThan(before);
  }
}
