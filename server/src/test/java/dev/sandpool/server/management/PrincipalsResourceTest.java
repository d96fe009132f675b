package dev.sandpool.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Service principals over the API; what is secret of them is told once. */
class PrincipalsResourceTest extends ManagementTestBase {
  private static final String ALL = "/sandpool/principals";

  private ManagementFixture.Reply make() {
    var made = server.call("POST", ALL, "{\"displayName\":\"app\"}");
    assertThat(made.status()).as(made.text()).isEqualTo(201);
    return made;
  }

  @Test
  void aSecretIsToldOnceAndNeverAgain() {
    var made = make();
    String secret = made.at("/password").asString();
    String id = made.at("/appId").asString();

    assertThat(secret).hasSizeGreaterThan(40);
    assertThat(made.at("/administrator").asBoolean()).isFalse();
    assertThat(made.at("/credentials/0/endDateTime").asString()).isNotEmpty();
    assertThat(server.call("GET", ALL + "/" + id).text()).contains(id).doesNotContain(secret);
    assertThat(server.call("GET", ALL).text()).contains(id).doesNotContain(secret, "\"hash\"");
  }

  @Test
  void credentialsAreAddedReplacedAndRemoved() {
    String one = ALL + "/" + make().at("/id").asString();
    var second = server.call("POST", one + "/credentials", "{\"append\":true,\"years\":2}");
    assertThat(second.at("/credentials")).hasSize(2);
    var third = server.call("POST", one + "/credentials", "{}");
    assertThat(third.at("/credentials")).hasSize(1);

    String key = one + "/credentials/" + third.at("/credentials/0/keyId").asString();
    assertThat(server.call("DELETE", key).status()).isEqualTo(200);
    assertThat(server.call("DELETE", key).status()).isEqualTo(204);
    assertThat(server.call("GET", one).at("/credentials")).isEmpty();
  }

  @Test
  void aDeletedOneIsGone() {
    String one = ALL + "/" + make().at("/appId").asString();

    assertThat(server.call("DELETE", one).status()).isEqualTo(200);
    assertThat(server.call("DELETE", one).status()).isEqualTo(204);
    assertThat(server.call("GET", one).status()).isEqualTo(404);
    assertThat(server.call("POST", one + "/credentials", "{}").status()).isEqualTo(404);
  }

  @Test
  void theSigningKeyIsRotated() {
    assertThat(server.call("POST", "/sandpool/signing-keys/rotate").status()).isEqualTo(204);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | displayName",
        "{\"displayName\":\"x\",\"years\":11} | years",
        "{\"displayName\":\"x\",\"certificate\":\"none\"} | certificate",
      })
  void oneWrongValueIsNamed(String body, String target) {
    var reply = server.call("POST", ALL, body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/error/target").asString()).isEqualTo(target);
  }
}
