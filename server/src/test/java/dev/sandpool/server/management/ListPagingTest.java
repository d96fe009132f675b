package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.GROUP;
import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.SUBSCRIPTION;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.ResourceRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListPagingTest extends ManagementTestBase {
  private static final String ALL = "/providers/Microsoft.App/managedEnvironments";

  private void environments(int count) {
    for (int i = 0; i < count; i++) {
      var at = server.now.get();
      String id = GROUP + ALL + "/e" + i;
      String document = "{\"location\":\"eastasia\",\"properties\":{},\"defaultDomain\":\"\"}";
      server.ledger.putResource(
          new ResourceRecord(id, ResourceId.ENVIRONMENTS, document, "me", at, "me", at));
    }
  }

  private List<String> pages(String first) {
    List<String> ids = new ArrayList<>();
    for (String next = first; !next.isEmpty(); ) {
      var page = server.call("GET", next);
      assertThat(page.status()).as(page.text()).isEqualTo(200);
      page.at("/value").forEach(one -> ids.add(one.path("id").asString()));
      next = page.at("/nextLink").asString("");
    }
    return ids;
  }

  @Test
  void emptyList_hasNoNextLink() {
    assertThat(server.call("GET", SUBSCRIPTION + ALL + VERSION).text()).isEqualTo("{\"value\":[]}");
  }

  @Test
  void longList_comesInPagesThatAddUp() {
    environments(2 * Pages.SIZE + 1);

    var first = server.call("GET", SUBSCRIPTION + ALL + VERSION);
    List<String> all = pages(GROUP + ALL + VERSION);

    assertThat(first.at("/value")).hasSize(Pages.SIZE);
    assertThat(first.at("/nextLink").asString())
        .startsWith(server.base() + SUBSCRIPTION + ALL + VERSION + "&$skipToken=");
    assertThat(new HashSet<>(all)).hasSize(all.size()).hasSize(2 * Pages.SIZE + 1);
  }

  @Test
  void exactlyOnePage_isTheLast() {
    environments(Pages.SIZE);

    assertThat(server.call("GET", GROUP + ALL + VERSION).json().has("nextLink")).isFalse();
  }

  @Test
  void whatIsDeletedBetweenPages_leavesNoneOut() {
    environments(Pages.SIZE + 2);
    var first = server.call("GET", GROUP + ALL + VERSION);
    String last = first.at("/value/" + (Pages.SIZE - 1) + "/id").asString();
    server.ledger.deleteResource(last);

    var second = server.call("GET", first.at("/nextLink").asString());

    assertThat(second.at("/value")).hasSize(2);
  }

  @Test
  void tokenThatIsNotOurs_isRefused() {
    var reply = server.call("GET", GROUP + ALL + VERSION + "&$skipToken=%25%25");

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/error/code").asString()).isEqualTo("InvalidSkipToken");
  }

  @Test
  void poolsOfAGroup_areNotThoseOfAnother() {
    server.createPool();
    String other = POOL.replace("/rg/", "/rg2/").replace("my-pool", "my-pool2");
    server.call("PUT", other + VERSION, ManagementFixture.poolBody());
    String all = "/providers/Microsoft.App/sessionPools";

    assertThat(server.call("GET", GROUP + all + VERSION).at("/value")).hasSize(1);
    assertThat(server.call("GET", SUBSCRIPTION + all + VERSION).at("/value")).hasSize(2);
  }
}
