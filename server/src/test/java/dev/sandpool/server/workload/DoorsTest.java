package dev.sandpool.server.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.IdentityDoor;
import dev.sandpool.server.time.Time;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Sockets as sandboxes meet them: all of 127.0.0.0/8 is this machine, so pairs of its addresses can
 * stand for the two ends of a wire.
 */
class DoorsTest {
  private static final SandboxId SANDBOX = new SandboxId("aaaabbbb");
  private static final SandboxId OTHER = new SandboxId("aaaacccc");
  private static final PoolId POOL = new PoolId("aaaaddddee");
  private static final String GUEST = "127.77.0.3";

  private final AtomicInteger issued = new AtomicInteger();
  private final Doors doors =
      new Doors(
          pool -> List.of(new Grant("/pool", true, "principal", "client")),
          (grant, resource) ->
              new WorkloadToken(
                  "token-" + issued.incrementAndGet(),
                  Instant.now(),
                  Instant.now().plusSeconds(3600)),
          text -> Integer.toHexString(text.hashCode()),
          Time.system());

  @AfterEach
  void close() {
    doors.close();
  }

  private static IdentityDoor door(String host) throws IOException {
    try (var free = new ServerSocket(0, 1, InetAddress.ofLiteral(host))) {
      return new IdentityDoor(host, free.getLocalPort());
    }
  }

  private static String send(String from, IdentityDoor door, String request) throws IOException {
    try (var socket = new Socket()) {
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
      socket.connect(new InetSocketAddress(door.host(), door.port()), 5000);
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (java.net.SocketException e) {
      return ""; // Cut off before, while or after the request was sent.
    }
  }

  private static String get(Map<String, String> variables) {
    return "GET "
        + Desk.PATH
        + "?resource=x&api-version=2019-08-01 HTTP/1.1\r\nHost: x\r\nX-IDENTITY-HEADER: "
        + variables.get("IDENTITY_HEADER")
        + "\r\n\r\n";
  }

  @Test
  void itsOwnSandboxGetsATokenAndTheConnectionEnds() throws Exception {
    IdentityDoor door = door("127.77.0.2");
    Map<String, String> variables = doors.open(SANDBOX, POOL, door);

    assertThat(variables.get("IDENTITY_ENDPOINT"))
        .isEqualTo("http://127.77.0.2:" + door.port() + "/msi/token");
    assertThat(send(GUEST, door, get(variables)))
        .startsWith("HTTP/1.1 200 OK")
        .contains("connection: close", "\"access_token\":\"token-1\"");
  }

  @Test
  void whoeverHasAnotherAddressIsCutOffAlsoWithTheSecret() throws Exception {
    IdentityDoor door = door("127.77.0.2");
    Map<String, String> variables = doors.open(SANDBOX, POOL, door);

    for (String from : List.of("127.0.0.1", "127.77.0.2", "127.77.0.5")) {
      assertThat(send(from, door, get(variables))).as(from).isEmpty();
    }
    assertThat(issued).hasValue(0);
    assertThat(send(GUEST, door, get(variables))).contains("200 OK");
  }

  @Test
  void theSecretOfOneOpensNothingOfAnother() throws Exception {
    IdentityDoor door = door("127.77.0.2");
    Map<String, String> one = doors.open(SANDBOX, POOL, door);
    Map<String, String> other = doors.open(OTHER, POOL, door("127.77.0.4"));

    assertThat(one.get("IDENTITY_HEADER")).isNotEqualTo(other.get("IDENTITY_HEADER"));
    assertThat(send(GUEST, door, get(other))).startsWith("HTTP/1.1 401");
    assertThat(issued).hasValue(0);
  }

  @Test
  void aServerThatStartsAgainKnowsTheSecretsOfBefore() throws Exception {
    IdentityDoor door = door("127.77.0.2");
    Map<String, String> before = doors.open(SANDBOX, POOL, door);
    doors.close(SANDBOX);

    assertThat(doors.open(SANDBOX, POOL, door)).isEqualTo(before);
    assertThat(send(GUEST, door, get(before))).contains("200 OK");
  }

  @Test
  void nothingListensOnceTheSandboxIsGone() throws Exception {
    IdentityDoor door = door("127.77.0.2");
    doors.open(SANDBOX, POOL, door);
    doors.close(SANDBOX);

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () -> {
              try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(door.host(), door.port()), 5000);
              }
            });
    doors.close(SANDBOX);
  }

  @Test
  void anAddressThatDoesNotExistYetIsListenedOnBeforeTheSandboxStarts() throws Exception {
    // TEST-NET-3: no interface has it.
    assertThat(doors.open(SANDBOX, POOL, new IdentityDoor("203.0.113.6", 42_356)))
        .containsKey("IDENTITY_HEADER");
  }

  @Test
  void aPortThatAProgramOfTheHostHasFailsTheStart() throws Exception {
    try (var everywhere = new ServerSocket(0)) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(
              () ->
                  doors.open(
                      SANDBOX, POOL, new IdentityDoor("127.77.0.2", everywhere.getLocalPort())))
          .withMessageContaining("cannot listen on 127.77.0.2:" + everywhere.getLocalPort());
    }
  }

  @Test
  void whatIsNoRequestIsRefusedAndHurtsNobody() throws Exception {
    IdentityDoor door = door("127.77.0.2");
    Map<String, String> variables = doors.open(SANDBOX, POOL, door);

    assertThat(send(GUEST, door, "GARBAGE\r\n\r\n")).doesNotContain("200 OK");
    assertThat(send(GUEST, door, "GET /" + "x".repeat(9000) + " HTTP/1.1\r\n\r\n"))
        .doesNotContain("200 OK");
    assertThat(send(GUEST, door, get(variables).replace("GET", "POST"))).contains(" 405 ");
    assertThat(send(GUEST, door, get(variables).replace("?", "?%zz=1&"))).contains(" 400 ");
    assertThat(send(GUEST, door, get(variables))).contains("200 OK");
  }
}
