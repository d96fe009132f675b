package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is specified is served and the other way round. That answers are as specified is checked
 * with every answer of every test, in {@link ManagementFixture}; here, that the check can fail.
 */
class OpenApiTest extends ManagementTestBase {
  private OpenApi served() {
    return new OpenApi(server.send(server.request("GET", "/openapi.json", null)).text());
  }

  @Test
  void everyRoute_isSpecifiedAndNothingElse() {
    List<String> routes =
        server.routes().stream().map(route -> route.replace("{+scope}", "{scope}")).toList();

    assertThat(served().operations()).containsExactlyInAnyOrderElementsOf(routes);
  }

  @Test
  void document_isForEverybodyAndSaysWhereItHolds() {
    var reply = server.send(server.request("GET", "/openapi.json", null));

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.at("/servers/0/url").asString()).isEqualTo(server.base().toString());
    assertThat(reply.at("/openapi").asString()).isEqualTo("3.1.0");
  }

  @Test
  void answerThatIsNotAsSpecified_isFoundOut() {
    server.createPool();
    var good = server.call("GET", POOL + VERSION);
    OpenApi specification = served();

    for (String property : new String[] {"nodeCount", "secrets", "poolManagementEndpoint"}) {
      ObjectNode body = (ObjectNode) good.json();
      ((ObjectNode) body.path("properties")).remove(property);
      assertThat(faults(specification, good, body)).anyMatch(it -> it.contains(property));
      ((ObjectNode) body.path("properties")).put(property, true);
      assertThat(faults(specification, good, body)).anyMatch(it -> it.contains(property));
    }
    ObjectNode more = ((ObjectNode) good.json()).put("surplus", 1);
    assertThat(faults(specification, good, more)).containsExactly("body.surplus is not specified");
    assertThat(specification.faults("GET", "/nothing", good)).hasSize(1);
    assertThat(specification.faults("GET", POOL, good)).isEmpty();
  }

  private static List<String> faults(
      OpenApi specification, ManagementFixture.Reply good, ObjectNode body) {
    String text = Json.MAPPER.writeValueAsString(body);
    return specification.faults(
        "GET", POOL, new ManagementFixture.Reply(200, text, good.headers()));
  }
}
