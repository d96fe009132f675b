package dev.sandpool.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real Keycloak as its makers publish it, on loopback, with nothing in it but an administrator;
 * its database is in its memory. The build unpacks it.
 */
final class TestKeycloak implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(10);
  private static final String PASSWORD = "of-the-realm-master";

  private final Path folder;
  private final Path home;
  private final int port;
  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();

  /** For tests that fail before they could close it. */
  private final Thread lastResort = Thread.ofPlatform().unstarted(this::end);

  /**
   * Begins to start one.
   *
   * @param home for its log and for what its command line remembers
   */
  TestKeycloak(Path home) throws IOException {
    this.home = Files.createDirectories(home);
    folder = unpacked();
    port = Ports.free();
    process =
        command(
                folder.resolve("bin/kc.sh").toString(),
                "start-dev",
                "--http-host=127.0.0.1",
                "--http-port=" + port,
                "--db=dev-mem")
            .redirectErrorStream(true)
            .redirectOutput(log().toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(lastResort);
  }

  /** Archives do not always keep what may be run. */
  private static Path unpacked() throws IOException {
    Path place = TestServer.root().resolve("e2e/target/keycloak");
    try (Stream<Path> found = Files.isDirectory(place) ? Files.list(place) : Stream.<Path>empty()) {
      Path folder =
          found
              .filter(it -> Files.exists(it.resolve("bin/kc.sh")))
              .findFirst()
              .orElseThrow(() -> new IOException("no Keycloak in " + place + "; Maven puts it"));
      for (String program : List.of("kc.sh", "kcadm.sh")) {
        if (!folder.resolve("bin").resolve(program).toFile().setExecutable(true)) {
          throw new IOException("cannot make " + program + " executable");
        }
      }
      return folder;
    }
  }

  /** A command that finds its programs, in a home of its own. */
  ProcessBuilder command(String... words) {
    var builder = new ProcessBuilder(words).directory(home.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("HOME", home.toString());
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx512m");
    // It is used for a minute: what makes it faster later would make it slower now.
    environment.put("JAVA_OPTS_APPEND", "-XX:TieredStopAtLevel=1");
    environment.put("KC_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    environment.put("KC_BOOTSTRAP_ADMIN_USERNAME", "admin");
    environment.put("KC_BOOTSTRAP_ADMIN_PASSWORD", PASSWORD);
    environment.put("KC_CLI_PASSWORD", PASSWORD);
    environment.merge("PATH", folder.resolve("bin").toString(), (old, bin) -> bin + ":" + old);
    return builder;
  }

  private Path log() {
    return home.resolve("keycloak.log");
  }

  /** Where it is. */
  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Returns when it answers. */
  void awaitReady() throws IOException {
    await("Keycloak answers")
        .atMost(START)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> !process.isAlive() || answers());
    if (!process.isAlive()) {
      throw new IOException("Keycloak ended at once: " + Files.readString(log()));
    }
  }

  private boolean answers() throws InterruptedException {
    var request = HttpRequest.newBuilder(URI.create(url() + "/realms/master"));
    try {
      return send(request).statusCode() == 200;
    } catch (IOException e) {
      return false; // not yet
    }
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return http.send(
        request.timeout(Duration.ofMinutes(1)).build(), HttpResponse.BodyHandlers.ofString());
  }

  /** An access token of the realm's for a client that has that secret. */
  String token(String client, String secret) throws IOException, InterruptedException {
    var form =
        "grant_type=client_credentials&client_id="
            + TestClient.encoded(client)
            + "&client_secret="
            + TestClient.encoded(secret);
    HttpResponse<String> answer =
        send(
            HttpRequest.newBuilder(
                    URI.create(url() + "/realms/agents/protocol/openid-connect/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form, StandardCharsets.UTF_8)));
    if (answer.statusCode() != 200) {
      throw new IOException("Keycloak gave " + client + " no token: " + answer.body());
    }
    return TestClient.json(answer).path("access_token").asString();
  }

  /** Ends it. */
  @Override
  public void close() {
    if (process.isAlive()) {
      Runtime.getRuntime().removeShutdownHook(lastResort);
    }
    end();
    http.shutdownNow();
  }

  /** A script holds it, which is not waited for: its database is in its memory. */
  private void end() {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(part -> part.onExit().orTimeout(30, TimeUnit.SECONDS).join());
  }
}
