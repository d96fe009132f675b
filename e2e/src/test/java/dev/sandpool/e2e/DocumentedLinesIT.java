package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The commands of the documentation, top to bottom, as somebody types them who has only put another
 * program's name in place of {@code az containerapp}.
 */
class DocumentedLinesIT {
  private final TestRegistry registry;
  private final String image;
  private final Stage stage;

  DocumentedLinesIT() throws Exception {
    Path home = TestServer.newHome("documented");
    registry = new TestRegistry(home.resolve("registry"));
    image = registry.push("oci-archive:" + Stage.sampleArchive(), "my-container-image:1.0");
    stage = Stage.open(home, "", "--dev", "--sandboxes", "stop");
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    registry.close();
    stage.close();
  }

  @Test
  void theyRunFromTheEnvironmentToTheLastDelete() throws Exception {
    type(
        """
        az containerapp env create --name my-environment --resource-group my-group \\
          --location eastus --enable-workload-profiles""");
    String created =
        type(
            """
            az containerapp sessionpool create \\
              --name my-session-pool \\
              --resource-group my-group \\
              --environment my-environment \\
              --registry-server REGISTRY \\
              --registry-username USER \\
              --registry-password PASSWORD \\
              --container-type CustomContainer \\
              --image IMAGE \\
              --cpu 0.25 --memory 0.5Gi \\
              --target-port 8080 \\
              --cooldown-period 300 \\
              --network-status EgressDisabled \\
              --max-sessions 10 \\
              --ready-sessions 2 \\
              --env-vars "key1=value1" "key2=value2" \\
              --location eastus""");
    assertThat(Json.MAPPER.readTree(created).at("/properties/provisioningState").asString())
        .isEqualTo("Succeeded");
    String endpoint =
        type(
            """
            az containerapp sessionpool show --name my-session-pool --resource-group my-group \\
              --query "properties.poolManagementEndpoint" --output tsv""");
    var pool = new TestPool(stage.client(), "my-session-pool", endpoint.strip());
    assertThat(pool.shell("user-0001", "echo $key1 $key2").strip()).isEqualTo("value1 value2");

    assertThat(type("az containerapp sessionpool list --resource-group my-group -o table"))
        .contains("my-session-pool");
    assertThat(type("az containerapp sessionpool list --query [].name -o tsv").strip())
        .isEqualTo("my-session-pool");
    String updated =
        type(
            """
            az containerapp sessionpool update --name my-session-pool \\
              --resource-group my-group --max-sessions 5 --cooldown-period 400""");
    assertThat(
            Json.MAPPER
                .readTree(updated)
                .at("/properties/scaleConfiguration/maxConcurrentSessions"))
        .isEqualTo(Json.MAPPER.readTree("5"));
    assertThat(
            type(
                """
                az containerapp session stop --name my-session-pool \\
                  --resource-group my-group --identifier user-0001"""))
        .contains("stopped");
    assertThat(pool.identifiers()).doesNotContain("user-0001");

    type(
        "az containerapp sessionpool delete --name my-session-pool --resource-group my-group --yes");
    var gone = stage.cli().type("sandpool sessionpool show --name my-session-pool -g my-group");
    assertThat(gone.code()).isEqualTo(3);
    type("az containerapp env delete --name my-environment --resource-group my-group --yes");
  }

  private String type(String line) {
    String typed = line.replace("az containerapp ", "sandpool ").replace("\\\n", " ");
    for (Map.Entry<String, String> word :
        Map.of(
                "REGISTRY",
                registry.address(),
                "USER",
                TestRegistry.USER,
                "PASSWORD",
                '"' + TestRegistry.PASSWORD + '"',
                "IMAGE",
                image)
            .entrySet()) {
      typed = typed.replace(" " + word.getKey() + " ", " " + word.getValue() + " ");
    }
    return stage.cli().ok(typed);
  }
}
