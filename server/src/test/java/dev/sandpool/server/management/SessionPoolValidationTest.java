package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static dev.sandpool.server.management.ManagementFixture.poolBody;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Every rule of a pool's body: one wrong value, one fault that names it and the range. */
class SessionPoolValidationTest extends ManagementTestBase {
  private static final String P = "/properties/";
  private static final String LIFE = P + "dynamicPoolConfiguration/lifecycleConfiguration/";

  @BeforeEach
  void environment() {
    server.createEnvironment();
  }

  /** The sample with one value replaced; {@code -} removes it. */
  private static String with(String pointer, String value) {
    JsonNode body = Json.MAPPER.readTree(poolBody());
    JsonPointer at = JsonPointer.compile(pointer);
    String name = at.last().getMatchingProperty();
    switch (body.at(at.head())) {
      case ObjectNode parent when value.equals("-") -> parent.remove(name);
      case ObjectNode parent -> parent.set(name, Json.MAPPER.readTree(value));
      case ArrayNode parent -> parent.set(Integer.parseInt(name), Json.MAPPER.readTree(value));
      default -> throw new IllegalArgumentException(pointer);
    }
    return body.toString();
  }

  /** The property as faults name it. */
  private static String path(String pointer) {
    return pointer.substring(1).replaceAll("/(\\d+)", "[$1]").replace('/', '.');
  }

  /** Without places: of two alike, the second is at fault. */
  private static String plain(String path) {
    return path.replaceAll("\\[\\d+]", "");
  }

  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/location | - | LocationRequired | location",
        "/location | \"a/b\" | InvalidParameterValue | letters",
        "/location | 7 | InvalidRequestContent | a string",
        P + "environmentId | - | InvalidParameterValue | required",
        P + "environmentId | \"env\" | InvalidParameterValue | resource id",
        P + "containerType | \"PythonLTS\" | SessionTypeNotSupportedInRegion | CustomContainer",
        P + "poolManagementType | \"Manual\" | SessionPoolInvalidPoolManagementType | Dynamic",
        P + "scaleConfiguration/maxConcurrentSessions | 0 | InvalidParameterValue | 1 to 600",
        P + "scaleConfiguration/maxConcurrentSessions | 601 | InvalidParameterValue | 1 to 600",
        P + "scaleConfiguration/maxConcurrentSessions | 1.5 | InvalidRequestContent | whole",
        P + "scaleConfiguration/maxConcurrentSessions | \"x\" | InvalidRequestContent | whole",
        P
            + "scaleConfiguration/readySessionInstances | 0 | SessionPoolInvalidReadySessionInstances"
            + " | greater than 0 and smaller than maxConcurrentSessions",
        P
            + "scaleConfiguration/readySessionInstances | 10"
            + " | SessionPoolInvalidReadySessionInstances | (10)",
        LIFE + "cooldownPeriodInSeconds | 299 | InvalidParameterValue | 300 to 3600",
        LIFE + "cooldownPeriodInSeconds | 3601 | InvalidParameterValue | 300 to 3600",
        LIFE + "cooldownPeriodInSeconds | true | InvalidRequestContent | whole number",
        LIFE + "maxAlivePeriodInSeconds | 3600 | InvalidParameterValue | Timed",
        LIFE + "lifecycleType | \"Forever\" | InvalidParameterValue | Timed, OnContainerExit",
        LIFE + "lifecycleType | \"Weekly\" | InvalidParameterValue | Timed",
        P
            + "sessionNetworkConfiguration/status | \"Open\" | InvalidParameterValue | EgressDisabled",
        P + "customContainerTemplate | - | InvalidParameterValue | required",
        P + "customContainerTemplate | [] | InvalidRequestContent | an object",
        P + "customContainerTemplate/containers | [] | InvalidParameterValue | one",
        P + "customContainerTemplate/containers | {} | InvalidRequestContent | an array",
        P + "customContainerTemplate/containers/0 | 1 | InvalidRequestContent | an object",
        P + "customContainerTemplate/containers/0/image | - | InvalidParameterValue | required",
        P
            + "customContainerTemplate/containers/0/image | \"--help\" | InvalidParameterValue"
            + " | reference",
        P
            + "customContainerTemplate/containers/0/image | \"a b\" | InvalidParameterValue"
            + " | reference",
        P
            + "customContainerTemplate/containers/0/command | \"sh\" | InvalidRequestContent"
            + " | an array",
        P + "customContainerTemplate/containers/0/command/0 | 5 | InvalidRequestContent | a string",
        P
            + "customContainerTemplate/containers/0/resources/cpu | 0.2 | InvalidParameterValue"
            + " | 0.25 to 2.0",
        P
            + "customContainerTemplate/containers/0/resources/cpu | 2.25 | InvalidParameterValue"
            + " | 0.25 to 2.0",
        P
            + "customContainerTemplate/containers/0/resources/memory | \"0.4Gi\""
            + " | InvalidParameterValue | 0.5Gi to 4.0Gi",
        P
            + "customContainerTemplate/containers/0/resources/memory | \"5Gi\""
            + " | InvalidParameterValue | 0.5Gi to 4.0Gi",
        P
            + "customContainerTemplate/containers/0/resources/memory | \"much\""
            + " | InvalidParameterValue | much",
        P
            + "customContainerTemplate/containers/0/env/0/name | \"a=b\" | InvalidParameterValue"
            + " | a=b",
        P
            + "customContainerTemplate/containers/0/env/0/name | \"KEY2\" | InvalidParameterValue"
            + " | another",
        P
            + "customContainerTemplate/containers/0/env/1/secretRef | \"no\" | InvalidParameterValue"
            + " | 'no'",
        P
            + "customContainerTemplate/containers/0/env/1/value | \"v\" | InvalidParameterValue"
            + " | both",
        P
            + "customContainerTemplate/containers/0/probes | [{\"type\":\"Liveness\"}]"
            + " | InvalidParameterValue | neither httpGet and tcpSocket",
        P + "customContainerTemplate/ingress | - | InvalidParameterValue | targetPort",
        P + "customContainerTemplate/ingress/targetPort | 0 | InvalidParameterValue | 1 to 65535",
        P
            + "customContainerTemplate/ingress/targetPort | 65536 | InvalidParameterValue"
            + " | 1 to 65535",
        P
            + "customContainerTemplate/registryCredentials/passwordSecretRef | \"no\""
            + " | InvalidParameterValue | 'no'",
        P
            + "customContainerTemplate/registryCredentials/server | - | InvalidParameterValue"
            + " | required",
        P + "secrets/0/value | - | InvalidParameterValue | new secret",
        P + "secrets/0/keyVaultUrl | \"https://x\" | NotSupported | keyVaultUrl",
        P
            + "managedIdentitySettings | [{\"identity\":\"system\"}] | InvalidParameterValue"
            + " | 'system' is not an identity",
        "/identity | {\"type\":\"Other\"} | InvalidParameterValue | 'Other' is not one of",
        "/identity | {\"type\":\"UserAssigned\"} | InvalidParameterValue | is required",
        "/identity | {\"type\":\"UserAssigned\",\"userAssignedIdentities\":{\"/no\":{}}}"
            + " | FailedIdentityOperation | no identity '/no'",
        "/tags | {\"a\":1} | InvalidRequestContent | tags.a",
        "/tags | {\"\":\"b\"} | InvalidParameterValue | 1 to 512",
      })
  void put_oneWrongValue_isOneFaultThatNamesIt(
      String pointer, String value, String code, String says) {
    var reply = server.call("PUT", POOL + VERSION, with(pointer, value));

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/error/details")).hasSize(1);
    assertThat(reply.at("/error/code").asString()).isEqualTo(code);
    assertThat(reply.at("/error/message").asString()).contains(says);
    assertThat(plain(reply.at("/error/target").asString()))
        .satisfiesAnyOf(
            target -> assertThat(target).startsWith(plain(path(pointer))),
            target -> assertThat(plain(path(pointer))).startsWith(target));
    assertThat(reply.text()).doesNotContain("hunter2");
    assertThat(server.ledger.pools()).isEmpty();
  }

  @ParameterizedTest(name = "{0} = {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/tags | null",
        "/identity | {\"type\":\"None\",\"userAssignedIdentities\":null}",
        P + "containerType | \"customcontainer\"",
        P + "poolManagementType | -",
        P + "scaleConfiguration | null",
        P + "scaleConfiguration/maxConcurrentSessions | \"600\"",
        P + "dynamicPoolConfiguration | null",
        P
            + "dynamicPoolConfiguration | {\"executionType\":\"Timed\",\"cooldownPeriodInSeconds\":300}",
        LIFE + "maxAlivePeriodInSeconds | null",
        P + "sessionNetworkConfiguration | {\"Status\":\"egressEnabled\"}",
        P + "customContainerTemplate/registryCredentials | null",
        P + "customContainerTemplate/containers/0/resources | null",
        P + "customContainerTemplate/containers/0/resources/cpu | \"2\"",
        P + "customContainerTemplate/containers/0/resources/memory | \"4Gi\"",
        P + "customContainerTemplate/containers/0/resources/memory | \"512Mi\"",
        P + "customContainerTemplate/containers/0/probes | []",
        P + "customContainerTemplate/containers/0/env/0 | {\"Name\":\"x\",\"value\":null}",
        P + "customContainerTemplate/ingress/targetPort | \"65535\"",
        P + "managedIdentitySettings | []",
        "/identity | {\"type\":\"systemassigned\"}",
        P + "mcpServerSettings | {\"isMCPServerEnabled\":true}",
      })
  void put_whatRealClientsSend_isAccepted(String pointer, String value) {
    var reply = server.call("PUT", POOL + VERSION, with(pointer, value));

    assertThat(reply.status()).as(reply.text()).isEqualTo(201);
  }

  @Test
  void put_tagsBeyondTheirLimits_areNamed() {
    var many = new StringBuilder("{");
    for (int i = 0; i < 51; i++) {
      many.append("\"t").append(i).append("\":\"\",");
    }
    String tooMany = many.substring(0, many.length() - 1) + "}";
    String tooLong = "{\"a\":\"" + "x".repeat(257) + "\"}";

    assertThat(server.call("PUT", POOL + VERSION, with("/tags", tooMany)).at("/error/message"))
        .hasToString("\"tags: has 51 tags; the most are 50.\"");
    assertThat(server.call("PUT", POOL + VERSION, with("/tags", tooLong)).at("/error/target"))
        .hasToString("\"tags.a\"");
    assertThat(
            server
                .call(
                    "PATCH", ManagementFixture.ENVIRONMENT + VERSION, "{\"tags\":" + tooMany + "}")
                .status())
        .isEqualTo(400);
  }

  @Test
  void put_environmentThatIsNotThere_isNamed() {
    String missing = ManagementFixture.ENVIRONMENT + "2";

    var reply = server.call("PUT", POOL + VERSION, with(P + "environmentId", '"' + missing + '"'));

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/error/code").asString()).isEqualTo("ManagedEnvironmentNotFound");
    assertThat(reply.at("/error/message").asString()).contains(missing);
  }

  @Test
  void put_manyFaults_areToldAtOnce() {
    String body =
        with(LIFE + "cooldownPeriodInSeconds", "1")
            .replace("\"targetPort\":80", "\"targetPort\":70000")
            .replace("\"memory\":\"0.5Gi\"", "\"memory\":\"9Gi\"");

    var reply = server.call("PUT", POOL + VERSION, body);

    assertThat(reply.at("/error/details")).hasSize(3);
    assertThat(reply.at("/error/message").asString()).contains("300 to 3600", "65535", "9Gi");
    assertThat(reply.at("/error/details/0/target").asString())
        .isEqualTo(
            "properties.dynamicPoolConfiguration.lifecycleConfiguration.cooldownPeriodInSeconds");
  }

  @Test
  void put_unknownProperty_isIgnoredAndNamed() {
    var reply = server.call("PUT", POOL + VERSION, with(P + "hibernate", "true"));

    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.header("sandpool-warning")).contains("properties.hibernate");
  }

  @Test
  void put_unknownNameThatWouldSplitAHeader_isTamed() {
    var reply = server.call("PUT", POOL + VERSION, with(P + "a\r\nx-evil: 1é", "true"));

    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.header("x-evil")).isEmpty();
  }

  @Test
  void put_propertyTwiceInOtherCase_isRefused() {
    String body = poolBody().replace("\"location\"", "\"LOCATION\": \"x\", \"location\"");

    assertThat(server.call("PUT", POOL + VERSION, body).at("/error/message").asString())
        .contains("more than once");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "null", "\"hunter2", "{\"a\": hunter2}"})
  void put_noJsonObject_isRefusedWithoutQuotingIt(String body) {
    var reply = server.call("PUT", POOL + VERSION, body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/error/code").asString()).isEqualTo("InvalidRequestContent");
    assertThat(reply.text()).doesNotContain("hunter2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ab", "Abc", "1abc", "abc-", "-abc", "a_c", "a.c", "a%20c"})
  void put_wrongName_isRefused(String name) {
    var reply = server.call("PUT", POOL.replace("my-pool", name) + VERSION, poolBody());

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/error/code").asString()).isEqualTo("InvalidResourceName");
  }

  @Test
  void put_nameOf63_isTheLongest() {
    String longest = "a".repeat(63);

    assertThat(put(longest)).isEqualTo(201);
    assertThat(put(longest + "b")).isEqualTo(400);
  }

  private int put(String name) {
    return server.call("PUT", POOL.replace("my-pool", name) + VERSION, poolBody()).status();
  }

  @Test
  void development_allowsShortCooldownsAndNothingReady() throws Exception {
    String body =
        with(LIFE + "cooldownPeriodInSeconds", "2")
            .replace("\"readySessionInstances\":5", "\"readySessionInstances\":0");
    try (var lenient = new ManagementFixture(PoolLimits.development(), null)) {
      lenient.createEnvironment();

      assertThat(lenient.call("PUT", POOL + VERSION, body).status()).isEqualTo(201);
      assertThat(
              lenient
                  .call("PUT", POOL + VERSION, body.replace("Instances\":0", "Instances\":10"))
                  .status())
          .isEqualTo(200);
      assertThat(
              lenient
                  .call("PUT", POOL + VERSION, body.replace("Instances\":0", "Instances\":11"))
                  .status())
          .isEqualTo(400);
    }
  }
}
