package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An error that repeats what it was given must not repeat a secret: errors end up in logs. */
class SecretsInErrorsTest extends ManagementTestBase {
  private static final String SECRET = "unlikely-Secret-8c1f";

  @BeforeEach
  void pool() {
    server.createPool();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'properties':{'secrets':[{'name':'Not A Name','value':'SECRET'}]}}",
        "{'properties':{'secrets':[{'value':'SECRET'}]}}",
        "{'properties':{'secrets':[{'name':'a','value':{'value':'SECRET'}}]}}",
        "{'properties':{'secrets':[{'name':'a','value':['SECRET']}]}}",
        "{'properties':{'secrets':[{'name':'a','value':'SECRET'},{'name':'a','value':'SECRET'}]}}",
        "{'properties':{'secrets':[{'name':'a','value':'SECRET','keyVaultUrl':'https://v'}]}}",
        "{'properties':{'secrets':'SECRET'}}",
        "{'properties':{'secrets':{'a':'SECRET'}}}",
        "{'properties':{'secrets':['SECRET']}}",
        "{'properties':{'secrets':[{'name':'a','value':'SECRET'",
        "{'properties':{'secrets':[{'name':'a','value':'SECRET}]}}",
        "{'properties':{'secrets':[{'name':'a','value':SECRET}]}}",
      })
  void errorsDoNotRepeatSecrets(String body) {
    String json = body.replace('\'', '"').replace("SECRET", SECRET);

    var reply = server.call("PATCH", POOL + VERSION, json);

    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.text()).doesNotContain(SECRET).doesNotContain("8c1f");
  }
}
