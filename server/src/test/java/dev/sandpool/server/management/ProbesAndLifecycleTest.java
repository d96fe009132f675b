package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static dev.sandpool.server.management.ManagementFixture.poolBody;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import dev.sandpool.server.ledger.Lifecycle;
import dev.sandpool.server.ledger.Probe;
import dev.sandpool.server.ledger.Probes;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Probes and lifecycles as callers write them, and what they may not be. */
class ProbesAndLifecycleTest extends ManagementTestBase {
  private static final String PROBES = "properties.customContainerTemplate.containers[0].probes";

  @BeforeEach
  void environment() {
    server.createEnvironment();
  }

  private static String withProbes(String probes) {
    var body = (ObjectNode) Json.MAPPER.readTree(poolBody());
    ((ObjectNode) body.at("/properties/customContainerTemplate/containers/0"))
        .set("probes", Json.MAPPER.readTree(probes));
    return body.toString();
  }

  private static String withLifecycle(String lifecycle) {
    var body = (ObjectNode) Json.MAPPER.readTree(poolBody());
    ((ObjectNode) body.path("properties"))
        .set(
            "dynamicPoolConfiguration",
            Json.MAPPER.readTree("{\"lifecycleConfiguration\":" + lifecycle + "}"));
    return body.toString();
  }

  @Test
  void probes_absentFields_getTheContractsDefaults_andAreShown() {
    var reply =
        server.call(
            "PUT",
            POOL + "?api-version=2026-07-01",
            withProbes(
                """
                [{"type":"liveness","httpGet":{"port":8080}},
                 {"type":"Startup","tcpSocket":{"port":"9090"},"failureThreshold":30}]
                """));

    assertThat(reply.status()).as(reply.text()).isEqualTo(201);
    assertThat(server.pool().desired().probes())
        .isEqualTo(
            new Probes(
                new Probe(9090, null, 30, 0, 10, 1, null),
                new Probe(8080, new Probe.Http(false, "/", null, List.of()), 3, 0, 10, 1, null)));
    var shown = reply.at("/properties/customContainerTemplate/containers/0/probes/0");
    assertThat(shown.toString())
        .contains("\"type\":\"Liveness\"", "\"failureThreshold\":3", "\"path\":\"/\"");
  }

  @Test
  void probes_everyField_isUsed() {
    server.call(
        "PUT",
        POOL + VERSION,
        withProbes(
            """
            [{"type":"Liveness","failureThreshold":2,"initialDelaySeconds":4,"periodSeconds":5,
              "successThreshold":1,"timeoutSeconds":6,"terminationGracePeriodSeconds":7,
              "httpGet":{"host":"app.test","path":"/live?x=1","port":8081,"scheme":"https",
                "httpHeaders":[{"name":"X-Probe","value":"a b"}]}}]
            """));

    assertThat(server.pool().desired().probes().liveness())
        .isEqualTo(
            new Probe(
                8081,
                new Probe.Http(
                    true, "/live?x=1", "app.test", List.of(new Probe.Header("X-Probe", "a b"))),
                2,
                4,
                5,
                6,
                7));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"type\":\"Readiness\",\"tcpSocket\":{\"port\":1}} | [0].type | Liveness, Startup",
        "{\"type\":\"Startup\"} | [0] | neither",
        "{\"type\":\"Startup\",\"tcpSocket\":{\"port\":1},\"httpGet\":{\"port\":1}} | [0] | both",
        "{\"type\":\"Startup\",\"httpGet\":{}} | [0].httpGet.port | 1 to 65535",
        "{\"type\":\"Startup\",\"httpGet\":{\"port\":0}} | [0].httpGet.port | 1 to 65535",
        "{\"type\":\"Startup\",\"httpGet\":{\"port\":1,\"path\":\"x\"}} | [0].httpGet.path | '/'",
        "{\"type\":\"Startup\",\"httpGet\":{\"port\":1,\"path\":\"/a\\r\\nX: y\"}} | [0].httpGet.path | '/'",
        "{\"type\":\"Startup\",\"httpGet\":{\"port\":1,\"scheme\":\"FTP\"}} | [0].httpGet.scheme | HTTPS",
        "{\"type\":\"Startup\",\"httpGet\":{\"port\":1,\"httpHeaders\":[{\"name\":\"a b\"}]}} | [0].httpGet.httpHeaders[0].name | name",
        "{\"type\":\"Startup\",\"httpGet\":{\"port\":1,\"httpHeaders\":[{\"name\":\"a\",\"value\":\"x\\r\\ny\"}]}} | [0].httpGet.httpHeaders[0].value | ASCII",
        "{\"type\":\"Startup\",\"tcpSocket\":{\"port\":1,\"host\":\"10.0.0.1\"}} | [0].tcpSocket.host | sandbox itself",
        "{\"type\":\"Liveness\",\"tcpSocket\":{\"port\":1},\"failureThreshold\":11} | [0].failureThreshold | 1 to 10",
        "{\"type\":\"Liveness\",\"tcpSocket\":{\"port\":1},\"initialDelaySeconds\":61} | [0].initialDelaySeconds | 1 to 60",
        "{\"type\":\"Liveness\",\"tcpSocket\":{\"port\":1},\"periodSeconds\":241} | [0].periodSeconds | 1 to 240",
        "{\"type\":\"Liveness\",\"tcpSocket\":{\"port\":1},\"timeoutSeconds\":0} | [0].timeoutSeconds | 1 to 240",
        "{\"type\":\"Liveness\",\"tcpSocket\":{\"port\":1},\"successThreshold\":2} | [0].successThreshold | 1 to 1",
        "{\"type\":\"Liveness\",\"tcpSocket\":{\"port\":1},\"terminationGracePeriodSeconds\":3601} | [0].terminationGracePeriodSeconds | 1 to 3600",
      })
  void probes_outOfRange_nameFieldAndRange(String probe, String target, String words) {
    var reply = server.call("PUT", POOL + VERSION, withProbes("[" + probe + "]"));

    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.at("/error/details/0/target").asString()).isEqualTo(PROBES + target);
    assertThat(reply.at("/error/details/0/message").asString()).contains(words);
  }

  @Test
  void probes_twoOfAType_areRefused() {
    String probe = "{\"type\":\"Startup\",\"tcpSocket\":{\"port\":1}}";
    var reply = server.call("PUT", POOL + VERSION, withProbes("[" + probe + "," + probe + "]"));
    assertThat(reply.at("/error/details/0/target").asString()).isEqualTo(PROBES + "[1].type");
  }

  @Test
  void onContainerExit_livesForItsMaximum_andHasNoCooldown() {
    var reply =
        server.call(
            "PUT",
            POOL + VERSION,
            withLifecycle(
                """
                {"lifecycleType":"onContainerExit","maxAlivePeriodInSeconds":6000,
                 "cooldownPeriodInSeconds":null}
                """));

    assertThat(reply.status()).as(reply.text()).isEqualTo(201);
    assertThat(server.pool().lifecycle())
        .isEqualTo(new Lifecycle.OnContainerExit(Duration.ofMinutes(100)));
    assertThat(reply.at("/properties/dynamicPoolConfiguration/lifecycleConfiguration").toString())
        .isEqualTo("{\"lifecycleType\":\"OnContainerExit\",\"maxAlivePeriodInSeconds\":6000}");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"lifecycleType\":\"OnContainerExit\",\"maxAlivePeriodInSeconds\":59} | 60 to 86400",
        "{\"lifecycleType\":\"OnContainerExit\",\"maxAlivePeriodInSeconds\":86401} | 60 to 86400",
        "{\"lifecycleType\":\"OnContainerExit\",\"cooldownPeriodInSeconds\":300} | not supported",
        "{\"lifecycleType\":\"Timed\",\"maxAlivePeriodInSeconds\":600} | not supported",
      })
  void lifecycle_outOfRange_saysSo(String lifecycle, String words) {
    var reply = server.call("PUT", POOL + VERSION, withLifecycle(lifecycle));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/error/details/0/message").asString()).contains(words);
  }

  @Test
  void patch_ofTheTypeAlone_needNotKnowTheOtherTypesPeriod() {
    server.call("PUT", POOL + VERSION, withLifecycle("{\"cooldownPeriodInSeconds\":600}"));
    String there = "{\"lifecycleType\":\"OnContainerExit\"}";
    String back = "{\"lifecycleType\":\"Timed\"}";
    String wrapped =
        "{\"properties\":{\"dynamicPoolConfiguration\":{\"lifecycleConfiguration\":%s}}}";

    assertThat(server.call("PATCH", POOL + VERSION, wrapped.formatted(there)).status())
        .isEqualTo(202);
    assertThat(server.pool().lifecycle())
        .isEqualTo(new Lifecycle.OnContainerExit(Duration.ofHours(1)));
    assertThat(server.call("PATCH", POOL + VERSION, wrapped.formatted(back)).status())
        .isEqualTo(202);
    assertThat(server.pool().lifecycle()).isEqualTo(new Lifecycle.Timed(Duration.ofMinutes(5)));
  }
}
