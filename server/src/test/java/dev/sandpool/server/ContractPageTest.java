package dev.sandpool.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/contract.md does not name, nobody who moves here can look up. */
class ContractPageTest {
  private static final Path PAGE = Path.of("..", "docs", "contract.md");
  private static final Path SPECIFICATION =
      Path.of("src/main/resources/dev/sandpool/server/management/openapi.yaml");
  private static final Pattern PATH = Pattern.compile("^ {2}(/[^:]+):$", Pattern.MULTILINE);

  /** The properties of the contract (1.2, 1.3, 1.8), whether they are here or not. */
  private static final String PROPERTIES =
      """
      environmentId containerType poolManagementType nodeCount maxConcurrentSessions
      readySessionInstances secrets keyVaultUrl lifecycleType cooldownPeriodInSeconds
      maxAlivePeriodInSeconds executionType registryCredentials registryServer server username
      passwordSecretRef identity userAssignedIdentities principalId tenantId image command args env
      secretRef resources cpu memory targetPort sessionNetworkConfiguration poolManagementEndpoint
      provisioningState managedIdentitySettings lifecycle mcpServerSettings isMcpServerEnabled
      isMcpServerApiKeyDisabled mcpServerEndpoint probes httpGet httpHeaders scheme tcpSocket
      failureThreshold initialDelaySeconds periodSeconds successThreshold timeoutSeconds
      terminationGracePeriodSeconds templateUpdateStatus activeTemplate desiredTemplate details
      createdTime expectedCount readyCount pendingCount imagePullFailCount crashCount allocatedCount
      workloadProfiles workloadProfileType minimumCount maximumCount appLogsConfiguration
      vnetConfiguration defaultDomain staticIp eventStreamEndpoint zoneRedundant
      """;

  @Test
  void everyServedPathIsNamed() throws IOException {
    List<String> segments =
        PATH.matcher(Files.readString(SPECIFICATION))
            .results()
            .flatMap(path -> Arrays.stream(path.group(1).split("/", -1)))
            .filter(segment -> !segment.isEmpty() && !segment.startsWith("{"))
            .distinct()
            .toList();
    assertThat(segments).contains("sessionPools", "readConsole", "roleAssignments");
    assertThat(Files.readString(PAGE)).contains(segments);
  }

  @Test
  void everyPropertyOfTheContractIsNamed() throws IOException {
    String page = Files.readString(PAGE);
    assertThat(Stream.of(PROPERTIES.strip().split("\\s+")))
        .allSatisfy(property -> assertThat(page).contains(property));
  }
}
