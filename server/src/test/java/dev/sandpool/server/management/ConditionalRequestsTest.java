package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.ENVIRONMENT;
import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static dev.sandpool.server.management.ManagementFixture.poolBody;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A change that was made for another state is not made; the same change again is none. */
class ConditionalRequestsTest extends ManagementTestBase {
  private static final String WORKSPACE =
      ManagementFixture.GROUP + "/providers/Microsoft.OperationalInsights/workspaces/logs";

  @BeforeEach
  void pool() {
    server.createPool();
  }

  private String tag() {
    return server.call("GET", POOL + VERSION).header("ETag");
  }

  @Test
  void tag_changesWithTheWishAndNotWithItsProgress() {
    String up = tag();
    var patched = server.call("PATCH", POOL + VERSION, "{\"tags\":{\"a\":\"b\"}}");
    String asked = tag();
    server.pools.settle();

    assertThat(patched.status()).isEqualTo(202);
    assertThat(asked).isNotEqualTo(up).matches("\"[0-9a-f]+\"");
    assertThat(tag()).isEqualTo(asked);
  }

  @Test
  void staleTag_changesNothing() {
    String stale = tag();
    server.call("PATCH", POOL + VERSION, "{\"tags\":{\"a\":\"b\"}}");
    var before = server.pool();

    for (String method : new String[] {"PUT", "PATCH", "DELETE"}) {
      var refused = server.call(method, POOL + VERSION, poolBody(), "If-Match", stale);

      assertThat(refused.status()).as(method).isEqualTo(412);
      assertThat(refused.at("/error/code").asString()).isEqualTo("PreconditionFailed");
    }
    assertThat(server.pool()).isEqualTo(before);
    assertThat(server.call("DELETE", POOL + VERSION, null, "If-Match", "x, " + tag()).status())
        .isEqualTo(202);
  }

  @Test
  void ifNoneMatchStar_makesAndNeverReplaces() {
    String other = POOL + "2" + VERSION;

    assertThat(server.call("PUT", other, poolBody(), "If-None-Match", "*").status()).isEqualTo(201);
    assertThat(server.call("PUT", other, poolBody(), "If-None-Match", "*").status()).isEqualTo(412);
    assertThat(server.call("PUT", POOL + "3" + VERSION, poolBody(), "If-Match", "*").status())
        .isEqualTo(412);
  }

  @Test
  void reader_whoHasIt_isToldSo() {
    assertThat(server.call("GET", POOL + VERSION, null, "If-None-Match", tag()).status())
        .isEqualTo(304);
    String environment = server.call("GET", ENVIRONMENT + VERSION).header("ETag");
    assertThat(
            server.call("GET", ENVIRONMENT + VERSION, null, "If-None-Match", environment).status())
        .isEqualTo(304);
  }

  @Test
  void environmentAndWorkspace_takeConditionsToo() {
    String body = "{\"location\":\"eastasia\"}";
    server.call("PUT", WORKSPACE, body);

    for (String path : new String[] {ENVIRONMENT + VERSION, WORKSPACE}) {
      assertThat(server.call("PUT", path, body, "If-None-Match", "*").status()).isEqualTo(412);
      assertThat(server.call("PATCH", path, body, "If-Match", "\"0\"").status()).isEqualTo(412);
      assertThat(server.call("DELETE", path, null, "If-Match", "\"0\"").status()).isEqualTo(412);
      String tag = server.call("GET", path).header("ETag");
      assertThat(server.call("PATCH", path, body, "If-Match", tag).status()).isEqualTo(200);
    }
  }

  @Test
  void sameBodyAgain_isNoChangeAtAll() {
    var before = server.pool();
    int woken = server.pools.changed().size();
    String tag = tag();
    server.now.set(server.now.get().plus(Duration.ofHours(1)));

    var again = server.call("PUT", POOL + VERSION, poolBody());
    var same = server.call("PATCH", POOL + VERSION, "{\"tags\":{\"team\":\"agents\"}}");

    assertThat(again.status()).isEqualTo(200);
    assertThat(again.at("/properties/provisioningState").asString()).isEqualTo("Succeeded");
    assertThat(again.at("/systemData/lastModifiedAt").asString()).startsWith("2026-11-22T10:00");
    assertThat(server.call("GET", again.header("Azure-AsyncOperation")).at("/status").asString())
        .isEqualTo("Succeeded");
    assertThat(server.call("GET", same.header("Location")).status()).isEqualTo(200);
    assertThat(server.pool()).isEqualTo(before);
    assertThat(server.pools.changed()).hasSize(woken);
    assertThat(tag()).isEqualTo(tag);
  }
}
