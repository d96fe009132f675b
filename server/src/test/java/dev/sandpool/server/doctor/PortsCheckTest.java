package dev.sandpool.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A port that somebody else has is taken for the server's own. */
class PortsCheckTest {
  private static final String ME = "pid " + ProcessHandle.current().pid();

  @TempDir private Path data;
  private Path engineLock;
  private Path serverLock;

  @BeforeEach
  void make() throws IOException {
    engineLock = Files.createFile(Files.createDirectory(data.resolve("engine")).resolve("lock"));
    serverLock = Files.createFile(Files.createDirectory(data.resolve("server")).resolve("lock"));
  }

  private Finding examine(InetSocketAddress address) throws IOException {
    return new PortsCheck(new ServerFolder(data), List.of(address)).examine().getFirst();
  }

  private static ServerSocket listening(String address) throws IOException {
    return new ServerSocket(0, 1, InetAddress.getByName(address));
  }

  private static InetSocketAddress of(ServerSocket socket) {
    return new InetSocketAddress("127.0.0.1", socket.getLocalPort());
  }

  @Test
  void thatOfTheServerItselfIsInOrder() throws IOException {
    try (FileChannel lock = FileChannel.open(serverLock, StandardOpenOption.WRITE);
        ServerSocket own = listening("127.0.0.1")) {
      assertThat(lock.lock()).isNotNull();

      Finding finding = examine(of(own));

      assertThat(finding.state()).isEqualTo("ok");
      assertThat(finding.found()).endsWith(ME);
    }
  }

  @Test
  void thatOfSomebodyElseIsNamedWithWhoHasIt() throws IOException {
    try (ServerSocket other = listening("127.0.0.1")) {
      Finding finding = examine(of(other));

      assertThat(finding.state()).isEqualTo("failed");
      assertThat(finding.found()).contains(ME);
    }
  }

  @Test
  void thatOfSomebodyElseIsNotTheServersOwnBecauseItRuns() throws Exception {
    Process server =
        new ProcessBuilder("flock", "--no-fork", engineLock.toString(), "sleep", "1000").start();
    try (ServerSocket everywhere = listening("0.0.0.0")) {
      await().until(() -> new ServerFolder(data).holder().isPresent());

      Finding finding = examine(of(everywhere));

      assertThat(finding.state()).isEqualTo("failed");
      assertThat(finding.found()).contains(ME);
      assertThat(finding.advice().orElseThrow().consequence()).contains("does not listen there");
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  @Test
  void oneThatNobodyHasIsFree() throws IOException {
    InetSocketAddress free;
    try (ServerSocket socket = listening("127.0.0.1")) {
      free = of(socket);
    }

    assertThat(examine(free).state()).isEqualTo("ok");
  }

  @Test
  void socketsOfAllFormsAreReadAndThoseThatDoNotListenAreNot() throws IOException {
    List<String> lines =
        List.of(
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid",
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 41 1",
            "   1: 0100007F:1F91 0100007F:C001 01 00000000:00000000 00:00000000 00000000 0 0 42 1",
            "   2: 0000000000000000FFFF00000100007F:1F92 00000000000000000000000000000000:0000 0A"
                + " 00000000:00000000 00:00000000 00000000 0 0 43 1",
            "   3: 00000000000000000000000001000000:1F93 00000000000000000000000000000000:0000 0A"
                + " 00000000:00000000 00:00000000 00000000 0 0 44 1");

    assertThat(Listener.parse(lines))
        .containsExactly(
            new Listener(new InetSocketAddress("127.0.0.1", 8080), 41),
            new Listener(new InetSocketAddress("127.0.0.1", 8082), 43),
            new Listener(new InetSocketAddress("::1", 8083), 44));
  }
}
