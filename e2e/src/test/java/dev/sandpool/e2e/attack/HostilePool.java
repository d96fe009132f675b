package dev.sandpool.e2e.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.Shell;
import dev.sandpool.e2e.Stage;
import dev.sandpool.e2e.TestClient;
import dev.sandpool.e2e.TestPool;
import dev.sandpool.model.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/** A pool whose application is a hostile HTTP server, seen through the gateway and past it. */
final class HostilePool {
  private static final int PORT = 8080;
  private static final int ENOUGH = 1 << 20;

  private final Stage stage;
  private final TestPool pool;

  HostilePool(Stage stage) throws IOException {
    this.stage = stage;
    String path = stage.client().pool("group", "hostile");
    var made = stage.client().arm("PUT", path, body());
    assertThat(made.statusCode()).as(made.body()).isIn(200, 201);
    await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () ->
                TestClient.json(stage.client().arm("GET", path, null))
                    .at("/properties/provisioningState")
                    .asString()
                    .equals("Succeeded"));
    pool = stage.find("hostile");
  }

  private static String script() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            HostilePool.class.getResourceAsStream("/attack/hostile_server.py"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /**
   * What the application's probe of an address says without a network of its own: on the host's.
   */
  static String reachOnHostsNetwork(Path rootfs, String address)
      throws IOException, InterruptedException {
    String script = script();
    String probe =
        script.substring(0, script.indexOf("\nlistener = "))
            + "\nprint(reach('%s').decode().split('\\r\\n')[-1])".formatted(address);
    return Shell.run(Path.of("/"), "chroot", rootfs.toString(), "/usr/bin/python3", "-c", probe)
        .strip();
  }

  private String body() throws IOException {
    String script = script();
    return """
    {"location": "local", "properties": {
      "environmentId": "%s/providers/Microsoft.App/managedEnvironments/env",
      "poolManagementType": "Dynamic", "containerType": "CustomContainer",
      "customContainerTemplate": {
        "containers": [{"image": "%s", "name": "hostile", "command": ["python3", "-c"],
          "args": [%s], "resources": {"cpu": 0.5, "memory": "0.5Gi"}}],
        "ingress": {"targetPort": 8080}},
      "dynamicPoolConfiguration": {"lifecycleConfiguration":
        {"lifecycleType": "Timed", "cooldownPeriodInSeconds": 300}},
      "sessionNetworkConfiguration": {"status": "EgressDisabled"},
      "scaleConfiguration": {"maxConcurrentSessions": 4, "readySessionInstances": 1}}}
    """
        .formatted(
            stage.client().group("group"),
            Stage.SAMPLE,
            Json.MAPPER.writeValueAsString(script.replace("DOMAIN", host())));
  }

  private String host() throws IOException {
    return stage.client().url().getHost();
  }

  /** What a caller of the gateway gets, byte by byte, for these requests over one connection. */
  String throughGateway(String... pathsAndIdentifiers) throws IOException {
    URI url = URI.create(pool.endpoint());
    return through(url.getPort(), url.getPath(), pathsAndIdentifiers);
  }

  /** The same of another gateway on this host, which knows the pool by that path. */
  String through(int port, String prefix, String... pathsAndIdentifiers) throws IOException {
    URI url = URI.create(pool.endpoint());
    var requests = new StringBuilder();
    for (String one : pathsAndIdentifiers) {
      String[] words = one.split(" ");
      boolean last = one.equals(pathsAndIdentifiers[pathsAndIdentifiers.length - 1]);
      requests.append(
          "GET %s%s%sidentifier=%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n%s\r\n"
              .formatted(
                  prefix,
                  words[0],
                  words[0].contains("?") ? "&" : "?",
                  words[1],
                  url.getAuthority(),
                  pool.client().token(TestClient.SESSIONS),
                  last ? "Connection: close\r\n" : ""));
    }
    return exchange(url.getHost(), port, requests.toString());
  }

  /** What the sandbox of an identifier sends to whoever is on its wire: what a gateway gets. */
  String pastGateway(String path, String identifier) throws IOException, InterruptedException {
    InetSocketAddress sandbox = sandbox(identifier);
    return exchange(sandbox.getHostString(), PORT, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }

  /** Where the application of an identifier's sandbox listens. */
  InetSocketAddress sandbox(String identifier) throws IOException, InterruptedException {
    String wire = stage.server().instance().prefix() + pool.sandbox(identifier);
    String text = Shell.run(Path.of("/"), "ip", "-4", "-o", "addr", "show", "dev", wire);
    return new InetSocketAddress(text.replaceAll("(?s).* peer ([0-9.]+).*", "$1"), PORT);
  }

  /** The host's end of that sandbox's wire. */
  String hostEnd(String identifier) throws IOException, InterruptedException {
    String wire = stage.server().instance().prefix() + pool.sandbox(identifier);
    String text = Shell.run(Path.of("/"), "ip", "-4", "-o", "addr", "show", "dev", wire);
    return text.replaceAll("(?s).* inet ([0-9.]+).*", "$1");
  }

  private static String exchange(String host, int port, String requests) throws IOException {
    byte[] answer = new byte[ENOUGH];
    int size = 0;
    try (var socket = new Socket(host, port)) {
      socket.setSoTimeout(5000);
      socket.getOutputStream().write(requests.getBytes(StandardCharsets.US_ASCII));
      while (size < ENOUGH) {
        int more = socket.getInputStream().read(answer, size, ENOUGH - size);
        if (more < 0) {
          break;
        }
        size += more;
      }
    } catch (IOException e) {
      // Silence after the answer, or a connection cut in the middle: what came before counts.
      if (size == 0 && e instanceof java.net.ConnectException) {
        throw e;
      }
    }
    return new String(Arrays.copyOf(answer, size), StandardCharsets.ISO_8859_1);
  }

  /** The names of header fields in an answer, in lower case, with values. */
  static Map<String, String> fields(String answer) {
    return answer
        .substring(0, Math.max(0, answer.indexOf("\r\n\r\n")))
        .lines()
        .skip(1)
        .filter(line -> line.contains(":"))
        .collect(
            java.util.stream.Collectors.toMap(
                line -> line.split(":")[0].toLowerCase(java.util.Locale.ROOT),
                line -> line.split(":", 2)[1].strip(),
                (a, b) -> a + ", " + b));
  }
}
