package dev.sandpool.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.Json;
import dev.sandpool.server.audit.AuditEvent.Kind;
import dev.sandpool.server.audit.AuditEvent.Result;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a collector misses, whoever rules this host could have rewritten. */
class SyslogExportTest {
  private static final Pattern MESSAGE =
      Pattern.compile("<(\\d+)>1 (\\S+) (\\S+) sandpool - (\\S+) - (\\{.*})");

  @TempDir private Path folder;
  private AuditLog audit;

  @BeforeEach
  void open() throws IOException {
    audit =
        AuditLog.open(
            new AuditSettings(folder, 1L << 30, Duration.ofDays(1)),
            name -> name,
            InstantSource.system());
  }

  @AfterEach
  void close() throws IOException {
    audit.close();
  }

  private void record(String resource, Result result) {
    audit.record(
        AuditEvent.of(Instant.parse("2026-11-29T20:00:00.5Z"), Kind.CHANGE, "PUT", result)
            .on(resource, null));
  }

  private static JsonNode record(String message, int priority) {
    Matcher matcher = MESSAGE.matcher(message);
    assertThat(message).matches(MESSAGE);
    assertThat(matcher.matches()).isTrue();
    assertThat(matcher.group(1)).isEqualTo(Integer.toString(priority));
    assertThat(matcher.group(2)).isEqualTo("2026-11-29T20:00:00.500Z");
    assertThat(matcher.group(4)).isEqualTo("change");
    return Json.MAPPER.readTree(matcher.group(5));
  }

  private static String receive(DatagramSocket socket) throws IOException {
    var packet = new DatagramPacket(new byte[65_536], 65_536);
    socket.receive(packet);
    return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
  }

  @Test
  void recordsArriveOverUdpInTheFormOfTheStandard() throws IOException {
    record("/pools/ä", Result.DONE);
    record("/pools/b", Result.REFUSED);
    try (var collector = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      collector.setSoTimeout(60_000);
      var address = new SyslogAddress.Udp("127.0.0.1", collector.getLocalPort());
      try (var export = new SyslogExport(folder, address)) {
        assertThat(record(receive(collector), 110).path("resource").asString())
            .isEqualTo("/pools/ä");
        assertThat(record(receive(collector), 108).path("seq").asLong()).isEqualTo(2);
        assertThat(export).isNotNull();
      }
    }
  }

  @Test
  void collectorThatWasAwayGetsAllOfThemOverTcpAndNoneTwice() throws Exception {
    int port;
    try (var reserved = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = reserved.getLocalPort();
    }
    record("one", Result.DONE);
    List<String> seen = new ArrayList<>();
    try (var export = new SyslogExport(folder, new SyslogAddress.Tcp("127.0.0.1", port))) {
      record("two", Result.DONE);
      try (var collector = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
          Socket connection = collector.accept()) {
        seen.add(framed(connection.getInputStream()));
        seen.add(framed(connection.getInputStream()));
        await()
            .untilAsserted(
                () -> assertThat(Files.readString(folder.resolve("syslog.sent"))).isEqualTo("2\n"));
      }
      assertThat(export).isNotNull();
    }
    record("three", Result.DONE);
    try (var collector = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        var export = new SyslogExport(folder, new SyslogAddress.Tcp("127.0.0.1", port));
        Socket connection = collector.accept()) {
      seen.add(framed(connection.getInputStream()));
      assertThat(export).isNotNull();
    }

    assertThat(seen)
        .extracting(message -> record(message, 110).path("resource").asString())
        .containsExactly("one", "two", "three");
  }

  /** RFC 6587, 3.4.1: the length in octets, a space, the message. */
  private static String framed(InputStream in) throws IOException {
    int length = 0;
    for (int c = in.read(); c != ' '; c = in.read()) {
      length = length * 10 + Character.digit(c, 10);
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  @Test
  void socketOfThisMachineGetsDatagrams() throws Exception {
    record("local", Result.DONE);
    Path path = folder.resolve("log");
    Epoll.ensureAvailability();
    var collector = io.netty.channel.unix.Socket.newSocketDomainDgram();
    try {
      collector.bind(new DomainSocketAddress(path.toString()));
      try (var export = new SyslogExport(folder, new SyslogAddress.Unix(path))) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(65_536);
        await()
            .ignoreExceptions()
            .until(() -> collector.read(bytes, 0, bytes.capacity()), length -> length > 0);
        await()
            .untilAsserted(
                () -> assertThat(Files.readString(folder.resolve("syslog.sent"))).isEqualTo("1\n"));
        assertThat(export).isNotNull();
      }
    } finally {
      collector.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "udp",
        "udp://",
        "http://a:1",
        "tcp://a:1/x",
        "unix:log",
        "unix://a/log",
        "tcp://u@a:1"
      })
  void whatIsNoCollectorIsRefused(String text) {
    assertThatThrownBy(() -> SyslogAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
