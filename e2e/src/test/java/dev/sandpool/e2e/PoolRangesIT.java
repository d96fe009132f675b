package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pools that ask for what there is not, on a server with the contract's own ranges. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PoolRangesIT {
  private final Stage stage;

  PoolRangesIT() throws Exception {
    stage = Stage.open("ranges", "", "--sandboxes", "stop");
  }

  @AfterAll
  void noPoolWasMade() throws Exception {
    try {
      assertThat(stage.cli().ok("sandpool sessionpool list -g group").strip()).isEqualTo("[]");
    } finally {
      stage.close();
    }
  }

  private static String line(String options) {
    return "sandpool sessionpool create --name wrong -g group --environment env"
        + " --container-type CustomContainer --image sample:1 "
        + options;
  }

  @ParameterizedTest
  @CsvSource({
    "--target-port 80 --cpu 0.1, cpu, 0.25 to 2",
    "--target-port 80 --cpu 2.5, cpu, 0.25 to 2",
    "--target-port 80 --cpu 0.25 --memory 0.25Gi, memory, 0.5Gi to 4.0Gi",
    "--target-port 80 --cpu 0.25 --memory 5Gi, memory, 0.5Gi to 4.0Gi",
    "--target-port 80 --cpu 0.25 --memory lots, memory, amount of memory",
    "--target-port 80 --cooldown-period 299, cooldownPeriodInSeconds, 300 to 3600",
    "--target-port 80 --cooldown-period 3601, cooldownPeriodInSeconds, 300 to 3600",
    "--target-port 80 --max-sessions 0, maxConcurrentSessions, 1 to 600",
    "--target-port 80 --max-sessions 601, maxConcurrentSessions, 1 to 600",
    "--target-port 80 --ready-sessions 0, readySessionInstances, greater than 0",
    "--target-port 80 --ready-sessions 10 --max-sessions 10, readySessionInstances, smaller than",
    "--target-port 80 --max-sessions 5, readySessionInstances, smaller than",
    "--target-port 80 --max-alive-period 59, maxAlivePeriodInSeconds, 60 to 86400",
  })
  void aValueOutOfRangeIsRefusedWithItsRange(String options, String property, String range) {
    TestCli.Outcome outcome = stage.cli().type(line(options));
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(1);
    assertThat(outcome.err()).contains(property, range);
  }

  @ParameterizedTest
  @CsvSource({
    "--target-port 0, Port must be in range",
    "--target-port 65536, Port must be in range",
    "--cpu 0.25, target_port",
    "--target-port 80 --cooldown-period 300 --max-alive-period 300, same time",
    "--target-port 80 --network-status Sometimes, --network-status",
    "--target-port 80 --cooldown-period soon, --cooldown-period",
  })
  void whatNeedsNoServerIsRefusedAsMisuse(String options, String said) {
    TestCli.Outcome outcome = stage.cli().type(line(options));
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).contains(said);
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() {
    String path = stage.client().pool("group", "wrong");
    HttpResponse<String> answer =
        stage
            .client()
            .arm(
                "PUT",
                path,
                """
                {"location": "local", "properties": {
                  "environmentId": "%s/providers/Microsoft.App/managedEnvironments/env",
                  "containerType": "CustomContainer",
                  "customContainerTemplate": {
                    "containers": [{"image": "sample:1",
                      "resources": {"cpu": 64, "memory": "1Mi"}}],
                    "ingress": {"targetPort": 70000}},
                  "dynamicPoolConfiguration": {"lifecycleConfiguration":
                    {"lifecycleType": "Timed", "cooldownPeriodInSeconds": 1}},
                  "sessionNetworkConfiguration": {"status": "Sometimes"},
                  "scaleConfiguration": {"maxConcurrentSessions": 4, "readySessionInstances": 9}}}
                """
                    .formatted(stage.client().group("group")));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(TestClient.json(answer).path("error").path("details").values())
        .extracting(fault -> fault.path("target").asString().replaceFirst(".*\\.", ""))
        .containsExactlyInAnyOrder(
            "cpu",
            "memory",
            "targetPort",
            "cooldownPeriodInSeconds",
            "status",
            "readySessionInstances");
    assertThat(stage.client().arm("GET", path, null).statusCode()).isEqualTo(404);
  }

  @Test
  void anEnvironmentThatIsNotThereIsNamed() {
    TestCli.Outcome outcome =
        stage
            .cli()
            .type(line("--target-port 80").replace("--environment env", "--environment none"));
    assertThat(outcome.code()).as(outcome.err()).isIn(1, 3);
    assertThat(outcome.err()).contains("none");
  }

  @Test
  void developmentsShortcutsAreOffWithoutTheFlag() {
    HttpResponse<String> answer =
        stage
            .client()
            .send(
                java.net.http.HttpRequest.newBuilder(
                        stage.client().arm(stage.client().pool("group", "x")))
                    .header("Authorization", "Bearer sandpool-dev-token"));
    assertThat(answer.statusCode()).isEqualTo(401);
  }
}
