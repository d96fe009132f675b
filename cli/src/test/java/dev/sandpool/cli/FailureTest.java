package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureTest extends CliTestBase {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          --target-port 80 | Must provide environment name when container type is CustomContainer
          --environment e --container-type PythonLTS | Do not pass environment name when using container type PythonLTS
          --container-type PythonLTS --cpu 1 | '--cpu' can not be set when container type is not 'CustomContainer'.
          --container-type PythonLTS -i x | '--image or -i' can not be set when container type is not 'CustomContainer'.
          --container-type PythonLTS --lifecycle-type OnContainerExit | The container type PythonLTS only supports lifecycle type 'Timed'.
          --container-type PythonLTS --max-alive-period 600 | The container type PythonLTS does not support --max-alive-period.
          --environment e --max-alive-period 600 --cooldown-period 300 | --max-alive-period and --cooldown-period cannot be set at the same time.
          --environment e --max-alive-period 600 --lifecycle-type timed | --max-alive-period can only be set when --lifecycle-type is 'OnContainerExit'.
          --environment e --cooldown-period 600 --lifecycle-type OnContainerExit | --cooldown-period can only be set when --lifecycle-type is 'Timed'.
          --environment e | Required argument 'target_port' is not specified.
          --environment e --target-port 0 | Port must be in range [1, 65535].
          --environment e --target-port 65536 | Port must be in range [1, 65535].
          --environment e --target-port 80 --network-status open | --network-status: 'open' is not one of EgressEnabled, EgressDisabled
          --environment e --lifecycle-type never | --lifecycle-type: 'never' is not one of Timed, OnContainerExit
          --environment e --container-type Java | --container-type: 'Java' is not one of CustomContainer, PythonLTS, NodeLTS, Shell
          --container-type Shell --probe-yaml x | '--probe-yaml' can not be set when container type is not 'CustomContainer'.
          --container-type nodelts --memory 1Gi | '--memory' can not be set when container type is not 'CustomContainer'.
          --environment e --target-port 80 --registry-identity system | --registry-identity needs --registry-server.
          --environment e --target-port 80 --probe-yaml /nowhere/p.yaml | --probe-yaml: there is no file /nowhere/p.yaml
          --environment e --target-port 80 --env-vars x | Environment variables must be in the format "<key>=<value>" "<key>=secretref:<value>" ...
          --environment e --target-port 80 --secrets x | Secrets must be in format "<key>=<value> <key>=<value> ...".
          """)
  void wrongCreationIsRefusedInTheContractsWordsBeforeAnythingIsSent(String options, String said) {
    var refused = user.type("sandpool sessionpool create -n p -g my-group " + options);
    assertThat(refused.err()).isEqualTo("ERROR: " + said + "\n");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(server.lines()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          --container-type CustomContainer | containerType and environmentId cannot be updated.
          --max-alive-period 600 | --max-alive-period is not supported for the current --lifecycle-type 'Timed'.
          --registry-password x | The existing registry credentials are empty. Please provide --registry-server, --registry-username, --registry-password or --registry-identity to update the registry credentials.
          """)
  void wrongUpdateIsRefusedInTheContractsWords(String options, String said) {
    var refused = user.type("sandpool sessionpool update -n p -g my-group " + options);
    assertThat(refused.err()).isEqualTo("ERROR: " + said + "\n");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(server.lines()).doesNotContain("PATCH " + StubServer.pool("p"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          [1, 2] | The probe YAML file must be a dictionary containing a 'probes' key.
          probe: [] | The probe YAML file must be a dictionary containing a 'probes' key.
          probes: {type: Liveness} | The 'probes' key in the probe YAML file must be a list of probes.
          probes: | The 'probes' key in the probe YAML file must be a list of probes.
          ~a: [1~ | --probe-yaml: FILE, line 1 is not YAML
          """)
  void wrongProbeFileIsRefusedBeforeAnythingIsSent(String yaml, String said) throws IOException {
    Path file = Files.writeString(home.resolve("p.yaml"), yaml);
    var refused =
        user.type(
            "sandpool sessionpool create -n p -g g --environment e --target-port 80 --probe-yaml "
                + file);
    assertThat(refused.err()).isEqualTo("ERROR: " + said.replace("FILE", file.toString()) + "\n");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(server.lines()).isEmpty();
  }

  @Test
  void whatIsNotThereEndsWithThree() {
    var missing = user.type("sandpool sessionpool show -n q -g my-group");
    assertThat(missing.code()).isEqualTo(3);
    assertThat(missing.err()).startsWith("ERROR: (ResourceNotFound) ").doesNotContain("\tat ");
    server.on("POST /p/.management/stopSession", 400, "Failed to stop session, session not found.");
    var gone = user.type("sandpool session stop -n p -g my-group -i user-1");
    assertThat(gone.code()).isEqualTo(3);
    assertThat(gone.err()).contains("Failed to stop session, session not found.");
  }

  @Test
  void serversDetailsStandBeneath() {
    server.on(
        "PUT " + StubServer.environment("e"),
        400,
        """
        {"error":{"code":"Invalid","message":"wrong","target":"properties","details":[
         {"code":"A","message":"first"},{"code":"B","message":"second","target":"x"}]}}""");
    var failed = user.type("sandpool env create -n e -g my-group -l here");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err())
        .isEqualTo(
            """
            ERROR: (Invalid) wrong
              at properties
              (A) first
              (B) second, at x
            """);
  }

  @Test
  void refusedConnectionSaysWhatToDo() {
    server.close();
    var failed = user.type("sandpool sessionpool show -n p -g my-group");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err())
        .contains("ERROR: (ServerUnreachable) no answer from " + server.url())
        .contains("connection refused")
        .contains("sandpool serve")
        .contains("admin.json")
        .doesNotContain("\tat ");
    assertThat(user.type("sandpool sessionpool show -n p -g my-group --debug").err())
        .contains("\tat ");
  }

  @Test
  void withoutALoginThePlacesAreNamed() {
    user.environment.clear();
    user.environment.put("SANDPOOL_DATA_DIR", home.resolve("nothing").toString());
    var failed = user.type("sandpool token");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err()).contains("nothing/server/admin.json").contains(".config/sandpool");
  }

  @Test
  void brokenContextDoesNotShowTheSecretInIt() throws IOException {
    Files.writeString(
        Path.of(user.environment.getOrDefault("SANDPOOL_CONTEXT", "")), "{\"clientSecret\":hidden");
    var failed = user.type("sandpool token --debug");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err()).doesNotContain("hidden");
  }

  @Test
  void misspelledCommandsAndOptionsAreNamed() {
    var command = user.type("sandpool sessionpol list");
    assertThat(command.code()).isEqualTo(2);
    assertThat(command.err()).contains("unknown command 'sessionpol'").contains("sessionpool");
    var option = user.type("sandpool sessionpool show -n p -g my-group --foo=secret");
    assertThat(option.code()).isEqualTo(2);
    assertThat(option.err()).contains("unknown option '--foo'").doesNotContain("secret");
  }
}
