package dev.sandpool.server.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.IdentityDoor;
import dev.sandpool.server.time.Time;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * {@code ManagedIdentityCredential} of the official azure-identity, unmodified and told nothing but
 * its environment, against the real endpoint. A relay gives it the sandbox's address.
 */
@SuppressWarnings("NullAway.Init") // the fields are set before each test
class ManagedIdentityCredentialTest {
  private final List<String> issued = new CopyOnWriteArrayList<>();
  private final Doors doors =
      new Doors(
          pool ->
              List.of(
                  new Grant("/pool", true, "principal-1", "client-1"),
                  new Grant("/one", false, "principal-2", "client-2")),
          (grant, resource) -> {
            issued.add(grant.principalId() + " " + resource);
            Instant now = Instant.now();
            return new WorkloadToken("token-of-" + grant.principalId(), now, now.plusSeconds(3600));
          },
          text -> Integer.toHexString(text.hashCode()),
          Time.system());

  private ServerSocket relay;
  private Map<String, String> variables;

  @BeforeEach
  void open() throws IOException {
    InetAddress host = InetAddress.ofLiteral("127.78.0.2");
    IdentityDoor door;
    try (var free = new ServerSocket(0, 1, host)) {
      door = new IdentityDoor("127.78.0.2", free.getLocalPort());
    }
    variables = doors.open(new SandboxId("aaaabbbb"), new PoolId("aaaaddddee"), door);
    relay = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(() -> relay(door));
  }

  @AfterEach
  void close() throws IOException {
    relay.close();
    doors.close();
  }

  private void relay(IdentityDoor door) {
    while (!relay.isClosed()) {
      try {
        Socket from = relay.accept();
        Socket to = new Socket();
        to.bind(new InetSocketAddress(InetAddress.ofLiteral("127.78.0.3"), 0));
        to.connect(new InetSocketAddress(door.host(), door.port()));
        Thread.ofVirtual().start(() -> pass(from, to));
        Thread.ofVirtual().start(() -> pass(to, from));
      } catch (IOException e) {
        return; // Closed: the test is over.
      }
    }
  }

  private static void pass(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      return; // Either side has hung up, and both are closed.
    }
  }

  private String run(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                LibraryMain.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(variables);
    String path = URI.create(Objects.requireNonNull(variables.get("IDENTITY_ENDPOINT"))).getPath();
    builder
        .environment()
        .put("IDENTITY_ENDPOINT", "http://127.0.0.1:" + relay.getLocalPort() + path);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  @Test
  void itGetsTokensOfThePoolsOwnIdentityAndOfANamedOne() throws Exception {
    assertThat(run("https://vault.azure.net/.default")).contains("token=token-of-principal-1");
    assertThat(run("https://vault.azure.net/.default", "client-2"))
        .contains("token=token-of-principal-2");
    assertThat(issued)
        .containsExactly(
            "principal-1 https://vault.azure.net", "principal-2 https://vault.azure.net");
  }

  @Test
  void itSaysWhatTheEndpointSays() throws Exception {
    assertThat(run("https://vault.azure.net/.default", "client-3"))
        .contains("No managed identity found")
        .doesNotContain("token=");
  }
}
