package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documentation's command lines, with 'az containerapp' replaced by 'sandpool'. */
class DocumentedCommandsTest extends CliTestBase {
  private static final String CREATE =
      """
      sandpool sessionpool create \\
          --name p \\
          --resource-group my-group \\
          --environment my-environment \\
          --registry-server myregistry.azurecr.io \\
          --registry-username my-username \\
          --registry-password my-password \\
          --container-type CustomContainer \\
          --image myregistry.azurecr.io/my-container-image:1.0 \\
          --cpu 0.25 --memory 0.5Gi \\
          --target-port 80 \\
          --cooldown-period 300 \\
          --network-status EgressDisabled \\
          --max-sessions 10 \\
          --ready-sessions 5 \\
          --env-vars "key1=value1" "key2=value2" "key3=secretref:other" \\
          --location eastus
      """;

  @Test
  void environmentIsCreatedByTheDocumentedLine() {
    server.on("PUT " + StubServer.environment("e"), 200, "{\"name\":\"e\"}");
    var done =
        user.type(
            "sandpool env create --name e --resource-group my-group --location eastus"
                + " --enable-workload-profiles");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(server.the("PUT " + StubServer.environment("e")).json())
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"location":"eastus","properties":{"workloadProfiles":[
                 {"name":"Consumption","workloadProfileType":"Consumption"}]}}\
                """));
  }

  @Test
  void poolIsCreatedByTheDocumentedLine() {
    server.on("PUT " + StubServer.pool("p"), 200, POOL);
    var done = user.type(CREATE);
    assertThat(done.code()).as(done.err()).isZero();
    var put = server.the("PUT " + StubServer.pool("p"));
    assertThat(put.query()).isEqualTo("api-version=2025-07-01");
    assertThat(put.authorization()).isEqualTo("Bearer token-1");
    assertThat(put.json())
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"location":"eastus","properties":{"poolManagementType":"Dynamic",
                 "environmentId":"%s","containerType":"CustomContainer",
                 "customContainerTemplate":{"containers":[{"name":"p",
                  "image":"myregistry.azurecr.io/my-container-image:1.0",
                  "env":[{"name":"key1","value":"value1"},{"name":"key2","value":"value2"},
                         {"name":"key3","secretRef":"other"}],
                  "resources":{"cpu":0.25,"memory":"0.5Gi"}}],
                  "ingress":{"targetPort":80},
                  "registryCredentials":{"server":"myregistry.azurecr.io","username":"my-username",
                   "passwordSecretRef":"myregistryazurecrio-my-username"}},
                 "secrets":[{"name":"myregistryazurecrio-my-username","value":"my-password"}],
                 "dynamicPoolConfiguration":{"lifecycleConfiguration":{"lifecycleType":"Timed",
                  "maxAlivePeriodInSeconds":null,"cooldownPeriodInSeconds":300}},
                 "sessionNetworkConfiguration":{"status":"EgressDisabled"},
                 "scaleConfiguration":{"maxConcurrentSessions":10,"readySessionInstances":5}}}\
                """
                    .formatted(StubServer.environment("my-environment"))));
  }

  @Test
  void absentOptionsTakeTheContractsDefaultsAndTheEnvironmentsPlace() {
    server.on("PUT " + StubServer.pool("p"), 200, POOL);
    var done =
        user.type(
            "sandpool sessionpool create -n p -g my-group --target-port 80 --max-alive-period 600"
                + " --environment "
                + StubServer.environment("my-environment"));
    assertThat(done.code()).as(done.err()).isZero();
    var body = server.the("PUT " + StubServer.pool("p")).json();
    assertThat(body.path("location").asString()).isEqualTo("East US");
    var properties = body.path("properties");
    assertThat(properties.path("dynamicPoolConfiguration").path("lifecycleConfiguration"))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"lifecycleType":"OnContainerExit","maxAlivePeriodInSeconds":600,
                 "cooldownPeriodInSeconds":null}\
                """));
    assertThat(properties.path("secrets").isNull()).isTrue();
    assertThat(properties.path("scaleConfiguration").path("readySessionInstances").asInt())
        .isEqualTo(5);
  }

  @Test
  void endpointIsPrintedForAScript() {
    var shown =
        user.type(
            "sandpool sessionpool show --name p --resource-group my-group"
                + " --query \"properties.poolManagementEndpoint\" --output tsv");
    assertThat(shown.out()).isEqualTo(server.url() + "/p\n");
    assertThat(shown.err()).isEmpty();
  }

  @Test
  void updateSendsOnlyWhatChanged() {
    server.on("PATCH " + StubServer.pool("p"), 200, POOL);
    assertThat(user.type("sandpool sessionpool update -n p -g my-group --ready-sessions 8").code())
        .isZero();
    assertThat(server.the("PATCH " + StubServer.pool("p")).json())
        .isEqualTo(
            Json.MAPPER.readTree(
                "{\"properties\":{\"scaleConfiguration\":{\"readySessionInstances\":8}}}"));
  }

  @Test
  void updateOfTheImageKeepsTheRestOfTheContainer() {
    server.on("PATCH " + StubServer.pool("p"), 200, POOL);
    assertThat(user.type("sandpool sessionpool update -n p -g my-group --image agent:2").code())
        .isZero();
    var properties = server.the("PATCH " + StubServer.pool("p")).json().path("properties");
    assertThat(properties.propertyNames()).containsExactly("customContainerTemplate");
    var container = properties.path("customContainerTemplate").path("containers").get(0);
    assertThat(container)
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"name":"p","image":"agent:2","env":[{"name":"A","value":"1"}],
                 "resources":{"cpu":0.25,"memory":"0.5Gi"}}\
                """));
  }

  @Test
  void changedPasswordWarnsOfSecretsThatItDrops() {
    server.on("PATCH " + StubServer.pool("p"), 200, POOL);
    var done =
        user.type(
            "sandpool sessionpool update -n p -g my-group --registry-server r.example.com"
                + " --registry-username me --registry-password new-password");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.err()).contains("going to be deleted: other").doesNotContain("new-password");
    assertThat(server.the("PATCH " + StubServer.pool("p")).body())
        .contains("{\"name\":\"rexamplecom-me\",\"value\":\"new-password\"}");
  }

  @Test
  void listsWalkAllPages() {
    String all = "/subscriptions/sub-1/providers/Microsoft.App/sessionPools";
    server.on(
        "GET " + all,
        200,
        "{\"value\":[{\"name\":\"a\"}],\"nextLink\":\"https://elsewhere%s?skip=1\"}"
            .formatted(all));
    server.on("GET " + all, 200, "{\"value\":[{\"name\":\"b\"}]}");
    assertThat(user.type("sandpool sessionpool list --query [].name -o tsv").out())
        .isEqualTo("a\nb\n");
  }

  @Test
  void tokenOfASession_isAskedForAsWished_andPrintedAlone() {
    server.on("POST /p/.management/createSessionToken", 200, "{\"token\":\"sandpool-session-x\"}");

    var typed =
        user.type(
            "sandpool token --pool p -g my-group -i a&b --expires 15m --methods GET,POST"
                + " --path-prefix /api");

    assertThat(typed.out()).isEqualTo("sandpool-session-x\n");
    assertThat(server.the("POST /p/.management/createSessionToken").query())
        .isEqualTo(
            "identifier=a%26b&expiresInSeconds=900&methods=GET%2CPOST&pathPrefix=%2Fapi"
                + "&api-version=2025-02-02-preview");
    assertThat(user.type("sandpool token --pool p").err()).contains("--identifier");
    assertThat(user.type("sandpool token --expires 1m").err()).contains("--pool");
    assertThat(user.type("sandpool token --pool p -i user-1 --expires soon").err())
        .contains("'soon'", "15m");
  }

  @Test
  void sessionsAreListedShownAndStoppedThroughThePoolsEndpoint() {
    server.on(
        "POST /p/.management/listSessions",
        200,
        "{\"value\":[{\"identifier\":\"user-1\"}],\"count\":1,\"nextLink\":null}");
    server.on("POST /p/.management/getSession", 200, "{\"identifier\":\"a&b\",\"etag\":\"e\"}");
    server.on("POST /p/.management/stopSession", 200, "Session a&b in session pool p stopped.");
    assertThat(user.type("sandpool session list -n p -g my-group -o tsv").out())
        .isEqualTo("user-1\n");
    assertThat(user.type("sandpool session show -n p -g my-group -i a&b --query etag -o tsv").out())
        .isEqualTo("e\n");
    assertThat(user.type("sandpool session stop -n p -g my-group -i a&b -o tsv").out())
        .isEqualTo("Session a&b in session pool p stopped.\n");
    assertThat(server.the("POST /p/.management/stopSession").query())
        .isEqualTo("identifier=a%26b&api-version=2025-02-02-preview");
    assertThat(server.seen().stream().map(StubServer.Seen::body))
        .anyMatch(body -> body.contains("scope=https%3A%2F%2Fdynamicsessions.io%2F.default"));
  }

  @Test
  void logsPutTheIdentifierInTheBodyAndJoinPieces() {
    server.on(
        "POST " + StubServer.pool("p") + "/readConsole",
        200,
        """
        2026-11-22T12:00:00Z stdout P hel
        2026-11-22T12:00:00Z stdout F lo  world
        2026-11-22T12:00:01Z stderr F\s
        """);
    var shown = user.type("sandpool logs --name p -g my-group --identifier user-1 --follow");
    assertThat(shown.out()).isEqualTo("hello  world\n\n");
    var asked = server.the("POST " + StubServer.pool("p") + "/readConsole");
    assertThat(asked.query()).isEqualTo("api-version=2025-07-01&follow=true");
    assertThat(asked.body()).isEqualTo("{\"identifier\":\"user-1\"}");
  }

  @Test
  void hostileLogLinesDoNotSteerTheTerminal() {
    server.on(
        "POST " + StubServer.pool("p") + "/readConsole", 200, "T stdout F \u001b]0;evil\u0007x\n");
    user.terminal = true;
    assertThat(user.type("sandpool logs -n p -g my-group -i user-1").out())
        .isEqualTo("\uFFFD]0;evil\uFFFDx\n");
  }

  @Test
  void logsOfAPoolNameTheirSandboxesAndStayRowsForPrograms() {
    String row =
        "{\"TimeGenerated\":\"T1\",\"PodName\":\"aaaabbbb\",\"Stream\":\"stderr\",\"Log\":\"no\"}";
    server.on("POST " + StubServer.pool("p") + "/readLogs", 200, row + "\n");
    String line = "sandpool logs -n p -g my-group --stream stderr --since 2026-01-01T00:00:00Z";
    assertThat(user.type(line).out()).isEqualTo("aaaabbbb no\n");
    assertThat(server.the("POST " + StubServer.pool("p") + "/readLogs").query())
        .endsWith("&stream=stderr&since=2026-01-01T00%3A00%3A00Z");
    assertThat(user.type(line + " --timestamps").out()).isEqualTo("T1 aaaabbbb stderr no\n");
    assertThat(user.type(line + " --json").out()).isEqualTo(row + "\n");
  }

  @Test
  void sandboxesAreToldApartByColourOnTerminalsAlone() {
    String rows =
        Stream.of("aaaabbbb", "aaaabbbc", "aaaabbbb")
            .map(pod -> "{\"PodName\":\"" + pod + "\",\"Stream\":\"stdout\",\"Log\":\"x\"}\n")
            .collect(Collectors.joining());
    server.on("POST " + StubServer.pool("p") + "/readLogs", 200, rows);
    assertThat(user.type("sandpool logs -n p -g my-group").out()).doesNotContain("\u001b");
    user.terminal = true;
    List<String> shown = user.type("sandpool logs -n p -g my-group").out().lines().toList();
    assertThat(shown)
        .hasSize(3)
        .allMatch(line -> line.matches("\u001b\\[3[1-6]maaaabbb. \u001b\\[0mx"));
    assertThat(shown.get(2)).isEqualTo(shown.getFirst());
    assertThat(shown.get(1).substring(0, 5)).isNotEqualTo(shown.getFirst().substring(0, 5));
  }

  @Test
  void aLogQueryShowsItsRowsAsObjects() {
    server.on(
        "POST /v1/workspaces/w-1/query",
        200,
        """
        {"tables":[{"name":"PrimaryResult","columns":[{"name":"Log","type":"string"},
        {"name":"Count","type":"long"}],"rows":[["hello",3]]}]}
        """);
    var shown = user.type("sandpool monitor log-analytics query -w w-1 --analytics-query T -o tsv");
    assertThat(shown.out()).contains("hello").contains("3");
    assertThat(server.the("POST /v1/workspaces/w-1/query").body()).isEqualTo("{\"query\":\"T\"}");
  }

  @Test
  void hostileStoredLinesDoNotSteerTheTerminal() {
    server.on(
        "POST " + StubServer.pool("p") + "/readLogs",
        200,
        "{\"PodName\":\"aaaabbbb\",\"Log\":\"\\u001b]0;evil\\u0007x\"}\n");
    user.terminal = true;
    assertThat(user.type("sandpool logs -n p -g my-group -i user-1 --since 1h").out())
        .isEqualTo("\uFFFD]0;evil\uFFFDx\n");
  }

  @Test
  void imagesAreImportedListedAndRemoved() throws IOException {
    server.on("GET /sandpool/images", 200, "{\"value\":[{\"name\":\"agent:1\"}]}");
    server.on(
        "POST /sandpool/images/uploads",
        201,
        "{\"id\":\"up-1\",\"chunkBytes\":1048576,\"receivedBytes\":0}");
    server.on("PUT /sandpool/images/uploads/up-1", 200, "{}");
    server.on(
        "POST /sandpool/images/import",
        200,
        "{\"step\":\"unpacking\"}\n{\"image\":{\"name\":\"agent:1\"}}\n");
    server.on("POST /sandpool/images/remove", 200, "");
    Path archive = Files.writeString(home.resolve("agent.tar"), "x".repeat((1 << 20) + 7));
    var imported = user.type("sandpool image import " + archive + " --name agent:1 -o tsv");
    assertThat(imported.out()).isEqualTo("agent:1\n");
    assertThat(imported.err())
        .isEqualTo("agent:1: uploading 90 %\nagent:1: uploading 100 %\nagent:1: unpacking\n");
    assertThat(server.the("POST /sandpool/images/uploads").body())
        .isEqualTo("{\"sizeBytes\":1048583}");
    assertThat(
            server.seen().stream()
                .filter(one -> one.line().equals("PUT /sandpool/images/uploads/up-1")))
        .extracting(one -> one.query().replaceFirst("&.*", "") + " " + one.body().length())
        .containsExactly("offset=0 1048576", "offset=1048576 7");
    assertThat(server.the("POST /sandpool/images/import").json())
        .isEqualTo(Json.MAPPER.readTree("{\"upload\":\"up-1\",\"name\":\"agent:1\"}"));
    assertThat(server.lines()).doesNotContain("DELETE /sandpool/images/uploads/up-1");
    assertThat(user.type("sandpool image list -o tsv").out()).isEqualTo("agent:1\n");
    assertThat(user.type("sandpool image remove agent:1").code()).isZero();
  }

  @Test
  void failedImportIsAnError() throws IOException {
    server.on("POST /sandpool/images/uploads", 201, "{\"id\":\"up-1\",\"chunkBytes\":4}");
    server.on("PUT /sandpool/images/uploads/up-1", 200, "{}");
    server.on(
        "POST /sandpool/images/import",
        200,
        "{\"error\":{\"code\":\"NotAnImage\",\"message\":\"no manifest\"}}\n");
    Path archive = Files.writeString(home.resolve("agent.tar"), "not a tar");
    var failed = user.type("sandpool image import " + archive + " --name agent:1");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err()).endsWith("ERROR: (NotAnImage) no manifest\n");
  }

  @Test
  void uploadThatBreaksOffIsTakenBack() throws IOException {
    server.on("POST /sandpool/images/uploads", 201, "{\"id\":\"up-1\",\"chunkBytes\":4}");
    server.on("PUT /sandpool/images/uploads/up-1", 200, "{}");
    server.on(
        "PUT /sandpool/images/uploads/up-1",
        507,
        "{\"error\":{\"code\":\"DiskFull\",\"message\":\"no room\"}}");
    server.on("DELETE /sandpool/images/uploads/up-1", 204, "");
    Path archive = Files.writeString(home.resolve("agent.tar"), "not a tar");
    var failed = user.type("sandpool image import " + archive + " --name agent:1");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err()).endsWith("ERROR: (DiskFull) no room\n");
    assertThat(server.lines()).endsWith("DELETE /sandpool/images/uploads/up-1");
  }

  @Test
  void fileThatIsNotThereOrNoFileIsNamedBeforeAnythingIsSent() {
    assertThat(user.type("sandpool image import none.tar --name agent:1").err())
        .isEqualTo("ERROR: there is no file none.tar\n");
    assertThat(user.type("sandpool image import " + home + " --name agent:1").code()).isEqualTo(2);
    assertThat(server.lines()).isEmpty();
  }

  @Test
  void versionTellsHowSandboxesAreIsolated() {
    server.on(
        "GET /sandpool/version",
        200,
        "{\"version\":\"1\",\"isolation\":\"gvisor\",\"runtime\":\"runsc\",\"instance\":\"abcd\"}");
    assertThat(user.type("sandpool version --query [server,isolation] -o tsv").out())
        .isEqualTo("1\ngvisor\n");
  }

  @Test
  void configuredGroupStandsInForTheOption() {
    assertThat(user.type("sandpool configure --defaults group=my-group").code()).isZero();
    assertThat(user.type("sandpool sessionpool show -n p --query name -o tsv").out())
        .isEqualTo("p\n");
    user.type("sandpool configure --defaults group=");
    assertThat(user.type("sandpool sessionpool show -n p").code()).isEqualTo(2);
  }
}
