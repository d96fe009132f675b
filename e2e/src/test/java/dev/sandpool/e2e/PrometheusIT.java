package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A real Prometheus reads a real server, without a token at the address that is for that and with
 * one that it gets itself; it takes our rules, and finds our alerts as they should be.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PrometheusIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Path PACKAGING = TestServer.root().resolve("packaging/prometheus");

  private final HttpClient http = HttpClient.newHttpClient();
  private final int metricsPort = Ports.free();
  private final int prometheusPort = Ports.free();
  private final Stage stage;

  @TempDir private Path folder;

  PrometheusIT() throws Exception {
    stage = Stage.development("prometheus", "metrics:\n  listen: 127.0.0.1:" + metricsPort + "\n");
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    stage.close();
  }

  @Test
  void prometheusReadsTheServerBothWays() throws Exception {
    TestPool pool = stage.pool("seen", "--max-sessions 4 --ready-sessions 1");
    assertThat(pool.instance("user-001")).isNotEmpty();
    Process prometheus = prometheus();
    try {
      for (String job : new String[] {"sandpool", "with-token"}) {
        await(job + " is up")
            .atMost(PATIENCE)
            .ignoreExceptionsInstanceOf(IOException.class)
            .until(() -> value("up{job=\"" + job + "\"}") == 1);
        await("the session is counted")
            .atMost(PATIENCE)
            .until(
                () ->
                    value(
                            "sandpool_claims_total{pool=\"seen\",outcome=\"claimed\",job=\""
                                + job
                                + "\"}")
                        == 1);
      }
      assertThat(value("sandpool_sandboxes{pool=\"seen\",state=\"executing\",job=\"sandpool\"}"))
          .isEqualTo(1);
      assertThat(
              value(
                  "sandpool_requests_total{pool=\"seen\",by=\"sandbox\",class=\"2xx\",job=\"sandpool\"}"))
          .isPositive();
      assertThat(get("/api/v1/rules").at("/data/groups/0/rules")).hasSizeGreaterThan(10);
    } finally {
      prometheus.destroy();
      assertThat(prometheus.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void nobodyElseIsAnsweredWithoutAToken() throws Exception {
    String base = "http://127.0.0.1:" + metricsPort;
    assertThat(status(base + "/metrics")).isEqualTo(200);
    assertThat(status(base + "/sandpool/version")).isEqualTo(404);
    assertThat(status(stage.server().admin().endpoint() + "/metrics")).isEqualTo(401);
  }

  @Test
  void rulesAreRightByPrometheussOwnTools() throws Exception {
    for (String[] words :
        new String[][] {
          {"check", "rules", "sandpool.rules.yml"},
          {"test", "rules", "sandpool.rules.test.yml"},
          {"check", "config", "prometheus.yml"}
        }) {
      Process tool =
          new ProcessBuilder("promtool", words[0], words[1], words[2])
              .directory(PACKAGING.toFile())
              .redirectErrorStream(true)
              .start();
      String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(tool.waitFor()).as(said).isZero();
    }
  }

  private int status(String url) throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  /** As packaged, at this server's ports, with a second job that logs in. */
  private Process prometheus() throws IOException {
    var admin = stage.server().admin();
    Path secret = Files.writeString(folder.resolve("secret"), admin.clientSecret());
    Files.copy(PACKAGING.resolve("sandpool.rules.yml"), folder.resolve("sandpool.rules.yml"));
    URI management = URI.create(admin.endpoint());
    String config =
        Files.readString(PACKAGING.resolve("prometheus.yml"))
                .replace("127.0.0.1:9464", "127.0.0.1:" + metricsPort)
                .replace("15s", "1s")
            + """
              - job_name: with-token
                static_configs:
                  - targets: ["%s"]
                oauth2:
                  client_id: %s
                  client_secret_file: %s
                  token_url: %s/%s/oauth2/v2.0/token
                  scopes: ["https://management.azure.com/.default"]
            """
                .formatted(
                    management.getAuthority(),
                    admin.clientId(),
                    secret,
                    management,
                    admin.tenant());
    Files.writeString(folder.resolve("prometheus.yml"), config);
    return new ProcessBuilder(
            "prometheus",
            "--config.file=" + folder.resolve("prometheus.yml"),
            "--storage.tsdb.path=" + folder.resolve("data"),
            "--web.listen-address=127.0.0.1:" + prometheusPort)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("prometheus.log").toFile())
        .start();
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    URI address = URI.create("http://127.0.0.1:" + prometheusPort + path);
    HttpResponse<String> response =
        http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() == 503) {
      throw new IOException("Prometheus is still starting: " + response.body());
    }
    return Json.MAPPER.readTree(response.body());
  }

  private double value(String query) throws IOException, InterruptedException {
    return get("/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8))
        .at("/data/result/0/value/1")
        .asDouble(-1);
  }
}
