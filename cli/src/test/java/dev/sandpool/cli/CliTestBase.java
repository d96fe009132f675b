package dev.sandpool.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A stub server and a user of it. */
@SuppressWarnings("NullAway.Init") // JUnit sets them before each test.
abstract class CliTestBase {
  static final String POOL =
      """
      {"id":"/subscriptions/sub-1/resourceGroups/my-group/providers/Microsoft.App/sessionPools/p",
       "name":"p","location":"East US","properties":{"containerType":"CustomContainer",
       "poolManagementEndpoint":"ENDPOINT/p","provisioningState":"Succeeded",
       "scaleConfiguration":{"readySessionInstances":5,"maxConcurrentSessions":10},
       "dynamicPoolConfiguration":{"lifecycleConfiguration":{"lifecycleType":"Timed"}},
       "secrets":[{"name":"other"}],
       "customContainerTemplate":{"registryCredentials":null,"ingress":{"targetPort":80},
       "containers":[{"name":"p","image":"agent:1.0","env":[{"name":"A","value":"1"}],
       "resources":{"cpu":0.25,"memory":"0.5Gi"}}]}}}""";

  @TempDir Path home;
  StubServer server;
  User user;

  @BeforeEach
  void start() throws IOException {
    server = new StubServer();
    user = new User(home, server.url());
    server.on("GET " + StubServer.pool("p"), 200, POOL.replace("ENDPOINT", server.url()));
    server.on(
        "GET " + StubServer.environment("my-environment"),
        200,
        "{\"id\":\"%s\",\"location\":\"East US\"}"
            .formatted(StubServer.environment("my-environment")));
  }

  @AfterEach
  void stop() {
    server.close();
  }
}
