package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.ENVIRONMENT;
import static dev.sandpool.server.management.ManagementFixture.GROUP;
import static dev.sandpool.server.management.ManagementFixture.POOL;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What documentation, samples and recorded clients send, each in the version that it names. */
class DocumentedBodiesTest extends ManagementTestBase {
  /**
   * One request.
   *
   * @param body with {@code ENV} for the environment's id
   */
  record Sent(String what, String method, String path, String version, String body, int status) {
    @Override
    public String toString() {
      return what;
    }
  }

  private static final String TEMPLATE =
      """
      "customContainerTemplate": {"registryCredentials": null, "containers": [
        {"image": "mcr.example/k8se/quickstart:latest", "name": "my-pool",
         "resources": {"cpu": 0.25, "memory": "0.5Gi"}}],
        "ingress": {"targetPort": 80}}""";

  static final List<Sent> SENT =
      List.of(
          new Sent(
              "the page on custom containers, by ARM",
              "PUT",
              POOL,
              "2025-01-01",
              ManagementFixture.poolBody(),
              201),
          new Sent(
              "the command line: both periods, one of them null",
              "PUT",
              POOL,
              "2025-02-02-preview",
              """
              {"location": "eastasia", "identity": null, "properties": {"environmentId": "ENV",
                "poolManagementType": "Dynamic", "containerType": "CustomContainer",
                "scaleConfiguration": {"maxConcurrentSessions": 10, "readySessionInstances": 5},
                "dynamicPoolConfiguration": {"lifecycleConfiguration": {"lifecycleType": "Timed",
                  "maxAlivePeriodInSeconds": null, "cooldownPeriodInSeconds": 300}},
                "sessionNetworkConfiguration": {"status": "EgressDisabled"},
                "secrets": null, "managedIdentitySettings": [], %s}}"""
                  .formatted(TEMPLATE),
              201),
          new Sent(
              "the first preview",
              "PUT",
              POOL,
              "2024-02-02-preview",
              """
              {"location": "East Asia", "properties": {"environmentId": "ENV",
                "poolManagementType": "Dynamic", "containerType": "CustomContainer",
                "scaleConfiguration": {"maxConcurrentSessions": 10, "readySessionInstances": 5},
                "dynamicPoolConfiguration": {"executionType": "Timed", "cooldownPeriodInSeconds": 600},
                "secrets": [{"name": "pw", "value": "hunter2"}],
                "customContainerTemplate": {
                  "registryCredentials": {"registryServer": "registry.example", "username": "me",
                    "passwordSecretRef": "pw"},
                  "containers": [{"image": "registry.example/app:1", "name": "app",
                    "resources": {"cpu": 1, "memory": "2Gi"}, "command": ["/bin/sh"],
                    "args": ["-c", "sleep 10"], "env": [{"name": "A", "value": "b"}]}],
                  "ingress": {"targetPort": 80}},
                "sessionNetworkConfiguration": {"status": "egressEnabled"}}}""",
              201),
          new Sent(
              "a sample with an MCP server",
              "PUT",
              POOL,
              "2025-02-02-preview",
              """
              {"location": "westus2", "tags": {}, "identity": {"type": "None"}, "properties": {
                "environmentId": "ENV", "containerType": "CustomContainer",
                "mcpServerSettings": {"isMCPServerEnabled": true}, %s}}"""
                  .formatted(TEMPLATE),
              201),
          new Sent(
              "an update with a number as a string",
              "PATCH",
              POOL,
              "2025-02-02-preview",
              """
              {"properties": {"dynamicPoolConfiguration": {"lifecycleConfiguration":
                {"lifecycleType": "Timed", "cooldownPeriodInSeconds": "400"}}}}""",
              202),
          new Sent(
              "an update of the scale",
              "PATCH",
              POOL,
              "2025-02-02-preview",
              """
              {"properties": {"scaleConfiguration":
                {"maxConcurrentSessions": 12, "readySessionInstances": 6}}}""",
              202),
          new Sent(
              "an update of the network with identities named",
              "PATCH",
              POOL,
              "2024-10-02-preview",
              """
              {"properties": {"sessionNetworkConfiguration": {"status": "EgressEnabled"},
                "managedIdentitySettings": []}}""",
              202),
          new Sent(
              "the environment of the command line",
              "PUT",
              ENVIRONMENT,
              "2025-02-02-preview",
              """
              {"Name": "env", "location": "eastasia", "tags": null, "properties": {
                "daprAIInstrumentationKey": null, "vnetConfiguration": null,
                "appLogsConfiguration": {"destination": null, "logAnalyticsConfiguration": null},
                "workloadProfiles": [{"workloadProfileType": "Consumption", "Name": "Consumption"}],
                "zoneRedundant": false}}""",
              200),
          new Sent(
              "the workspace that it makes",
              "PUT",
              GROUP + "/providers/Microsoft.OperationalInsights/workspaces/workspace-rgabcd",
              "2022-10-01",
              """
              {"location": "eastasia", "properties": {"sku": {"name": "PerGB2018"},
                "retentionInDays": 30, "publicNetworkAccessForIngestion": "Enabled",
                "publicNetworkAccessForQuery": "Enabled"}}""",
              201),
          new Sent(
              "the role that pool creation gives",
              "PUT",
              POOL
                  + "/providers/Microsoft.Authorization/roleAssignments"
                  + "/abcdef00-0000-0000-0000-000000000001",
              "2022-04-01",
              """
              {"properties": {"roleDefinitionId": "/%s/providers/Microsoft.Authorization\
              /roleDefinitions/0fb8eba5-a2bb-4abe-b1c1-49dfad359bb0",
                "principalId": "12345678-0000-0000-0000-000000000001"}}"""
                  .formatted(POOL),
              201));

  @ParameterizedTest
  @FieldSource("SENT")
  void request_isTakenAsItIs(Sent sent) {
    server.createEnvironment();
    if (sent.method().equals("PATCH") || sent.path().startsWith(POOL + "/")) {
      server.createPool();
    }

    var reply =
        server.call(
            sent.method(),
            sent.path() + "?api-version=" + sent.version(),
            sent.body().replace("ENV", ENVIRONMENT));

    assertThat(reply.status()).as(reply.text()).isEqualTo(sent.status());
    assertThat(reply.header("sandpool-warning")).isEmpty();
  }
}
